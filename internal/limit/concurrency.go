package limit

import (
	"context"
	"runtime"
	"sync"
	"time"
)

const (
	// mostAtOnce is how many requests one upstream is given at a time at most: as
	// many as go makes where we widen it, and those that are ahead of it.
	mostAtOnce = 64
	// patience is how long a request waits for others to end. Where all of them are
	// slow, one more does no harm.
	patience = 2 * time.Second
	// manyAtLeast is how often a request may be turned away where no more than go's
	// own number are made, before the number is taken to have nothing to do with it.
	manyAtLeast = 2
	// manyRefused is how many may be turned away in a row, before the number is
	// taken to matter after all.
	manyRefused = 8
	// nobodyServed is how many in a row are no matter of the number any more.
	nobodyServed = 32
)

// How fast a limit grows.
const (
	fast  = 2 // with each answer
	slow  = 1 // the same, after an outage
	tight = 0 // by one each time that a whole window was answered
)

// ratedCalm is how many windows have to be answered, where it is the rate that the
// server limits: what is asked beyond that is refused.
const ratedCalm = 8

// A Concurrency limits how many requests one upstream has at the same time. Go itself
// makes as many as there are processors; we make more. A server that takes so many of
// one client and no more (nginx's limit_conn, a pool of workers, a proxy in an office)
// turns the others away, and that would be failures of our own making. So the limit
// begins as small as go's and grows with every answer; when somebody is turned away, it
// is halved, and grows by one each time that a whole window was answered, as TCP does
// (AIMD: additive increase, multiplicative decrease).
//
// A server that turns away some of so few as go would send is not short of room: then
// its failures are met as such, and the number is not limited any more.
type Concurrency struct {
	least int // go's own number

	mu             sync.Mutex
	open           int
	limit          int
	growth         int
	calm           int  // answers since the limit was changed
	halvings       int  // how often it was halved
	halved         int  // the largest that was
	sinceHalved    int  // answers to requests made since it was halved
	refusedAtLeast int  // refusals of no more than least
	free           bool // the number is not limited
	rated          bool // it is the rate that the server limits, and not the number
	refusals       int  // refusals since the last answer
	turn           chan struct{}
}

// NewConcurrency returns a limit that begins at least; 0 is go's own number.
func NewConcurrency(least int) *Concurrency {
	if least == 0 {
		least = max(2, runtime.GOMAXPROCS(0))
	}
	return &Concurrency{least: least, limit: least, growth: fast, turn: make(chan struct{})}
}

// A window is what a request was one of.
type window struct {
	size     int // of the requests under way, with it
	halvings int
}

// Acquire waits for room. release must be called at the request's end, the body
// included. It reports whether the request was turned away for the number of those
// beside it.
func (c *Concurrency) Acquire(ctx context.Context) (release func(Result) (turnedAway bool), err error) {
	w, turn := c.take(false)
	if turn != nil {
		enough := time.NewTimer(patience)
		defer enough.Stop()
		for late := false; turn != nil; w, turn = c.take(late) {
			select {
			case <-turn:
			case <-enough.C:
				late = true
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	return func(r Result) bool { return c.release(w, r) }, nil
}

// take lets one in if there is room, or anyway. Otherwise it returns what is closed
// when there may be.
func (c *Concurrency) take(anyway bool) (window, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.limit && !c.free && !anyway {
		return window{}, c.turn
	}
	c.open++
	return window{c.open, c.halvings}, nil
}

func (c *Concurrency) release(w window, r Result) (turnedAway bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	switch {
	case r.relief(), r.Cut:
		turnedAway = !c.rated && c.refused(w, r)
	case r.Status > 0:
		c.answered(w)
	}
	c.wake()
	return turnedAway
}

// wake has those who wait look again; the lock is held.
func (c *Concurrency) wake() {
	close(c.turn)
	c.turn = make(chan struct{})
}

// answered is told of an answer that is none of being turned away; the lock is held.
func (c *Concurrency) answered(w window) {
	c.refusals = 0
	if w.halvings == c.halvings {
		c.calm++
		c.sinceHalved++
	}
	switch {
	case c.growth > tight:
		c.limit = min(c.limit+c.growth, mostAtOnce)
	case c.rated && c.calm < ratedCalm*c.limit:
	case c.calm >= c.limit:
		c.limit, c.calm = min(c.limit+1, mostAtOnce), 0
	}
}

// refused is told of a request that was turned away, and reports whether that is
// for the number of requests; the lock is held.
func (c *Concurrency) refused(w window, r Result) bool {
	c.refusals++
	switch {
	case c.calm == 0 && c.halvings == 0, c.refusals >= nobodyServed: // nobody is answered yet, or any more
		return false
	case c.free:
		if c.refusals < manyRefused {
			return false
		}
		c.free, c.refusedAtLeast, c.refusals = false, 0, 0
		c.halve(0)
		return true
	case w.halvings < c.halvings:
		return true // of the window that is smaller by now
	case r.relief() && c.halvings > 0 && c.refusals > c.halved:
		return false // nobody was answered since it was made smaller
	case w.size > c.least:
		c.halve(w.size)
		return true
	case c.halvings > 0 && c.sinceHalved < 2*c.least:
		return true // the server may not have seen the larger window leave yet
	}
	if c.refusedAtLeast++; c.refusedAtLeast >= manyAtLeast {
		c.free, c.refusals = true, 0
	}
	return false
}

// halve makes a window of this size smaller; the lock is held.
func (c *Concurrency) halve(size int) {
	c.limit, c.calm, c.sinceHalved = max(c.least, size/2), 0, 0
	c.halved = max(c.halved, size)
	c.halvings++
	c.growth = tight
}

// Restart begins anew after an outage, at go's own number: carefully, and after one in
// which the server asked for fewer requests more so. What it refuses from then on it
// refuses for the rate, and not the number. After a false alarm it was not the number
// either, but some of the files.
func (c *Concurrency) Restart(was Was) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.wake()
	c.refusals = 0
	if was == FalseAlarm {
		c.limit = max(c.limit, c.halved)
		return
	}
	c.limit, c.calm, c.sinceHalved = c.least, 0, 0
	c.halvings++
	c.free, c.growth = false, slow
	if was == TooMuch {
		c.growth, c.rated = tight, true
	}
}
