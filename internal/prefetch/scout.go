package prefetch

import (
	"slices"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/upstream"
)

// coldEnough is how many files make a download worth a second go command
// beside the first, a scout: one file that is missing is fetched sooner than that
// command starts.
const coldEnough = 3

// farEnough is how long an answer takes where waiting for several at a time
// wins more than loading the packages twice costs. Measured with 39 modules to
// fetch: without any delay the second command makes a list a third slower, at
// 5 ms nothing, and at 60 ms it takes a third of the time.
const farEnough = 5 * time.Millisecond

// readingLine is what each line of go.sum adds to that: the second command reads it too,
// which takes it a microsecond, and wins so much with some twenty answers.
const readingLine = 50 * time.Nanosecond

// noteCold counts what go fetches although go.sum names it: a module cache that
// lacks several such files is a cold one. Queries, and what nothing is known
// about, say nothing of the kind.
func (p *Prefetcher) noteCold(it modproxy.Item) {
	if p.Cold == nil || it.Kind != modproxy.Mod && it.Kind != modproxy.Zip || !it.Exact() || !p.Project.Sums().Names(it.Mod) {
		return
	}
	far := farEnough + time.Duration(p.Project.Sums().Len())*readingLine
	slow := func(c *upstream.Client) bool { return c != nil && c.Slow(far) }
	if p.missed.Add(1) < coldEnough || p.Project.Done() || !slices.ContainsFunc(p.Clients, slow) {
		return
	}
	p.cold.Do(func() {
		p.Debugf("the module cache is cold")
		go p.Cold()
	})
}
