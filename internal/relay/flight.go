package relay

import (
	"context"
	"sync"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// A flight is one item on its way through one endpoint, and what came of it for
// as long as somebody may want that. Whoever asks for it meanwhile shares it: go
// and what is fetched ahead of go ask the same things.
type flight struct {
	key    key
	item   modproxy.Item
	done   chan struct{} // closed when it has landed
	result Result        // not read before done is closed; held by the flight
	cancel context.CancelFunc
	// Guarded by flights.mu:
	holders int   // the requests of go's that are aboard, and its stand
	stand   stand // where it waits for requests to come
	landed  bool  // done is closed
	asked   int   // requests of go's that have ever been aboard
}

// flights are all that are under way, or wait for go.
//
// A flight has as many holders as requests are aboard, and one more while it has a
// stand. The last one to leave a flight under way cancels it; of one that has
// landed, it gives the answer back.
//
// Under way, a flight is in byKey unless it was cancelled: whoever comes then asks
// anew. Landed, it is there while it has a stand; it may be read for longer.
type flights struct {
	ctx   context.Context                                                        // ends all of them
	fetch func(context.Context, *endpoint, modproxy.Item, journal.Reason) Result // obtains an item, and holds the answer for us
	twice func(modproxy.Item) (failure, file bool)                               // what of an item a second go command, beside the first, asks for too

	mu    sync.Mutex // under it, no lock is taken but that of a body given back
	byKey map[key]*flight
	bytes [stands]int64 // that wait there
	shut  bool          // nothing is kept any more
	room  *sync.Cond    // signalled when bytes[parked] shrinks; its lock is mu
}

func newFlights(ctx context.Context, fetch func(context.Context, *endpoint, modproxy.Item, journal.Reason) Result, twice func(modproxy.Item) (failure, file bool)) *flights {
	fs := &flights{ctx: ctx, fetch: fetch, twice: twice, byKey: map[key]*flight{}}
	fs.room = sync.NewCond(&fs.mu)
	return fs
}

// fly obtains an item for go, with others who want it. done must be called when
// its body is no longer needed.
func (fs *flights) fly(ctx context.Context, e *endpoint, it modproxy.Item) (a Result, done func()) {
	f := fs.board(e, it)
	select {
	case <-f.done:
	case <-ctx.Done():
		fs.leave(f)
		return Result{Err: ctx.Err()}, func() {}
	}
	return f.result, func() { fs.leave(f) }
}

// board joins a flight or starts one. leave must be called.
func (fs *flights) board(e *endpoint, it modproxy.Item) *flight {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.byKey[e.key(it)]
	if f == nil {
		f = fs.takeOff(e, it, journal.Asked)
	}
	fs.join(f)
	return f
}

// ahead starts a flight that go will board; nil if there is one that go can board.
func (fs *flights) ahead(e *endpoint, it modproxy.Item) *flight {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.byKey[e.key(it)] != nil {
		return nil
	}
	f := fs.takeOff(e, it, journal.Ahead)
	f.stand, f.holders = expected, 1
	return f
}

// claim boards a good answer that waits for go, in go's stead; nil if go was
// quicker.
func (fs *flights) claim(e *endpoint, it modproxy.Item) *flight {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.byKey[e.key(it)]
	if f == nil || f.stand != parked || !f.result.Good() {
		return nil
	}
	fs.join(f)
	return f
}

// takeOff starts a flight that nobody is aboard of yet; the lock is held.
func (fs *flights) takeOff(e *endpoint, it modproxy.Item, why journal.Reason) *flight {
	f := &flight{key: e.key(it), item: it, done: make(chan struct{})}
	ctx, cancel := context.WithCancel(fs.ctx)
	f.cancel = cancel
	fs.byKey[f.key] = f
	go func() {
		a := fs.fetch(ctx, e, it, why)
		f.cancel()
		fs.land(f, a)
	}()
	return f
}

// join takes a request of go's aboard. What was fetched ahead is taken by the
// first one: a second one has its doubts, and asks anew.
func (fs *flights) join(f *flight) {
	f.holders++
	f.asked++
	if f.stand == expected || f.stand == parked {
		fs.vacate(f)
	}
}

// land ends a flight's way. It stays where go finds it if go has not asked yet, or
// if the other one of two go commands is going to.
func (fs *flights) land(f *flight, a Result) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.result, f.landed = a, true
	close(f.done)
	switch {
	case a.Lasts() && (f.stand == expected || fs.isShared(f)):
		fs.put(f, parked)
		return
	case f.stand == expected:
		fs.vacate(f) // nobody waits for it, and nobody is to find it
	case f.holders == 0:
		a.Release()
	}
	fs.remove(f)
}

// leave gives a flight up.
func (fs *flights) leave(f *flight) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f.holders--
	switch {
	case f.holders > 0:
	case !f.landed:
		f.cancel()
		fs.remove(f)
	case fs.isSmall(f):
		fs.put(f, kept)
	default:
		f.result.Release()
	}
}

// remove takes a flight from where go finds it; another one may be there already.
func (fs *flights) remove(f *flight) {
	if fs.byKey[f.key] == f {
		delete(fs.byKey, f.key)
	}
}
