package relay

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/upstream"
)

// coldEnough is how many files make a download worth a second go command
// beside the first: one file that is missing is fetched sooner than that
// command starts.
const coldEnough = 3

// farEnough is how long an answer takes where waiting for several at a time
// wins more than loading the packages twice costs. Measured with 39 modules to
// fetch: without any delay the second command makes a list a third slower, at
// 5 ms nothing, and at 60 ms it takes a third of the time.
const farEnough = 5 * time.Millisecond

// cold tells a cold module cache from one that lacks a file or two.
type cold struct {
	missed atomic.Int64 // files that go fetched although go.sum names them
	told   sync.Once
}

// noteCold counts what go fetches although go.sum names it: a module cache that
// lacks several such files is a cold one. Queries, and what nothing is known
// about, say nothing of the kind.
func (r *Relay) noteCold(it modproxy.Item) {
	if r.config.Cold == nil || it.Kind != modproxy.Mod && it.Kind != modproxy.Zip || !it.Exact() || !r.config.Sums.Names(it.Mod) {
		return
	}
	if r.ahead.cold.missed.Add(1) < coldEnough || r.fromMemory.Load() || !slices.ContainsFunc(r.upstreams.Clients(), func(c *upstream.Client) bool { return c.Slow(farEnough) }) {
		return
	}
	r.ahead.cold.told.Do(func() {
		r.debugf("the module cache is cold")
		go r.config.Cold()
	})
}
