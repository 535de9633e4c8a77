package prefetch

import (
	"context"
	"sync"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// A key is an item that is fetched for an entry.
type key struct {
	entry int
	item  modproxy.Item
}

// A call is one item that is fetched for an entry, and its result for as long as
// somebody may want that.
type call struct {
	key
	done   chan struct{} // closed when there is a result
	result Result        // not read before done is closed; held by the call
	cancel context.CancelFunc
	// Guarded by calls.mu:
	over    bool  // done is closed
	holders int   // the requests of go's that have it, and one more while it is kept
	kept    state // why it is kept
	asked   int   // requests of go's that have ever had it
}

// calls are all that are being fetched, or kept: go and what is fetched ahead of go ask
// for the same things, and share a call.
//
// The last one to leave a call that has no result cancels it, and gives the result back
// of one that has. A call without a result is in byKey unless it was cancelled: whoever
// comes then asks anew. With a result, it is there while it is kept; it may be read for
// longer.
type calls struct {
	ctx   context.Context                                                  // ends all of them
	fetch func(context.Context, int, modproxy.Item, journal.Reason) Result // obtains an item, and holds the result for us
	twice func(modproxy.Item) (failure, file bool)                         // what of an item a second go command, beside the first, asks for too

	mu    sync.Mutex // under it, no lock is taken but that of a body given back
	byKey map[key]*call
	bytes [states]int64 // that are kept
	shut  bool          // nothing is shared any more
	room  *sync.Cond    // signalled when bytes[ready] shrinks; its lock is mu
}

func newCalls(ctx context.Context, fetch func(context.Context, int, modproxy.Item, journal.Reason) Result, twice func(modproxy.Item) (failure, file bool)) *calls {
	cs := &calls{ctx: ctx, fetch: fetch, twice: twice, byKey: map[key]*call{}}
	cs.room = sync.NewCond(&cs.mu)
	return cs
}

// get obtains an item for go.
func (cs *calls) get(ctx context.Context, k key) (r Result, done func()) {
	c := cs.join(k)
	select {
	case <-c.done:
	case <-ctx.Done():
		cs.leave(c)
		return Result{Err: ctx.Err()}, func() {}
	}
	return c.result, func() { cs.leave(c) }
}

// join joins a call or starts one. leave must be called.
func (cs *calls) join(k key) *call {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.byKey[k]
	if c == nil {
		c = cs.begin(k, journal.Asked)
	}
	cs.add(c)
	return c
}

// start starts a call that go will join; nil if there is one that go can join.
func (cs *calls) start(k key) *call {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byKey[k] != nil {
		return nil
	}
	c := cs.begin(k, journal.Ahead)
	c.kept, c.holders = awaited, 1
	return c
}

// claim takes a good result that waits for go, in go's stead; nil if go was quicker.
func (cs *calls) claim(k key) *call {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.byKey[k]
	if c == nil || c.kept != ready || !c.result.Good() {
		return nil
	}
	cs.add(c)
	return c
}

// begin starts a call that nobody has joined yet; the lock is held.
func (cs *calls) begin(k key, why journal.Reason) *call {
	ctx, cancel := context.WithCancel(cs.ctx)
	c := &call{key: k, done: make(chan struct{}), cancel: cancel}
	cs.byKey[k] = c
	go func() {
		r := cs.fetch(ctx, k.entry, k.item, why)
		cancel()
		cs.finish(c, r)
	}()
	return c
}

// add gives a call to a request of go's. What was fetched ahead is for the first one: a
// second one does not trust it, and asks anew.
func (cs *calls) add(c *call) {
	c.holders++
	c.asked++
	if c.kept == awaited || c.kept == ready {
		cs.drop(c)
	}
}

// finish ends a call. Its result is kept if go has not asked yet, or if the other one of
// two go commands is going to.
func (cs *calls) finish(c *call, r Result) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c.result, c.over = r, true
	close(c.done)
	switch {
	case r.Lasts() && (c.kept == awaited || cs.isShared(c)):
		cs.keep(c, ready)
		return
	case c.kept == awaited:
		cs.drop(c) // nobody waits for it, and nobody is to find it
	case c.holders == 0:
		r.Release()
	}
	cs.remove(c)
}

// leave gives a call up.
func (cs *calls) leave(c *call) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c.holders--
	switch {
	case c.holders > 0:
	case !c.over:
		c.cancel()
		cs.remove(c)
	case cs.isSmall(c):
		cs.keep(c, shared)
	default:
		c.result.Release()
	}
}

// remove takes a call from where go finds it; another one may be there already.
func (cs *calls) remove(c *call) {
	if cs.byKey[c.key] == c {
		delete(cs.byKey, c.key)
	}
}
