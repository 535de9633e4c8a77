package limit

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/instant"
)

// A rig is an outage with all that it asks.
type rig struct {
	*Outage
	clock *instant.Clock
	votes int // how many probes there are at most
	was   []Was

	mu    sync.Mutex
	small []Result // what the small file gets, one after another; none: there is no such file
}

func newRig(votes int, small ...Result) *rig {
	r := &rig{clock: instant.New(), votes: votes, small: small}
	r.Outage = &Outage{
		Clock: r.clock,
		Vote:  func(s Spell) (time.Duration, bool) { return time.Duration(s.Probes) * time.Second, s.Probes <= votes },
		Tell:  func(Spell, time.Duration) {},
		Back:  func(_ Spell, was Was) { r.was = append(r.was, was) },
		Check: func(context.Context) (Result, bool) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(r.small) == 0 {
				return Result{}, false
			}
			next := r.small[0]
			if len(r.small) > 1 {
				r.small = r.small[1:]
			}
			return next, true
		},
	}
	return r
}

var (
	refused = Result{Sign: Silent, Module: "a", Err: errors.New("refused")}
	broken  = Result{Sign: Troubled, Status: 500, Module: "a", Err: errors.New("500")}
	other   = Result{Sign: Troubled, Status: 500, Module: "b", Err: errors.New("500")}
	busy    = Result{Sign: Busy, Status: 429, Module: "a", Err: errors.New("429")}
	good    = Result{Sign: Answered, Status: 200}
)

// fail makes requests that fail side by side.
func (r *rig) fail(t *testing.T, results ...Result) {
	t.Helper()
	var releases []func(Result)
	for range results {
		release, err := r.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	for i, release := range releases {
		release(results[i])
	}
}

// waiting are those in the queue.
func (r *rig) waiting() []*waiter {
	r.Outage.mu.Lock()
	defer r.Outage.mu.Unlock()
	return r.down.queue
}

// Acquire is acquire for whatever file.
func (o *Outage) Acquire(ctx context.Context) (release func(Result), err error) {
	release, _, err = o.acquire(ctx, File{})
	return release, err
}
