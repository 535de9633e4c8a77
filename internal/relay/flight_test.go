package relay

import (
	"context"
	"math/rand"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/spool"
	"github.com/gosteady/gosteady/internal/upstream"
)

// An airfield has flights whose items are made here, and an account of bodies.
type airfield struct {
	*flights
	pool spool.Pool
	end  *endpoint
	stop context.CancelFunc
	gate chan Result // what the next flights end in
}

// newAirfield makes flights; twice says that a second go command asks for all of
// them.
func newAirfield(t *testing.T, twice bool) *airfield {
	a := &airfield{end: &endpoint{prefix: "x"}, gate: make(chan Result)}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	a.stop = stop
	fetch := func(ctx context.Context, _ *endpoint, _ modproxy.Item, _ journal.Reason) Result {
		select {
		case ans := <-a.gate:
			return ans
		case <-ctx.Done():
			return Result{Err: context.Canceled}
		}
	}
	a.flights = newFlights(ctx, fetch, func(modproxy.Item) (bool, bool) { return twice, twice })
	return a
}

// file is a good result of some bytes, damage a bad one.
func (a *airfield) file(n int) Result {
	body := a.pool.New()
	body.Write(make([]byte, n))
	return Result{File: &upstream.File{Body: body}}
}

func (a *airfield) damage(n int) Result {
	return Result{Err: &upstream.Error{File: a.file(n).File}}
}

// expectEmpty checks that nothing is held any more.
func (a *airfield) expectEmpty(t *testing.T) {
	t.Helper()
	a.forgetKept()
	a.forget(func(*flight) bool { return true })
	a.mu.Lock()
	defer a.mu.Unlock()
	equal(t, "flights", len(a.byKey), 0)
	equal(t, "bytes that wait", a.bytes, [stands]int64{})
	equal(t, "memory in use", a.pool.Used(), 0)
}

var someItem = modproxy.Item{Kind: modproxy.Mod, Mod: module.Version{Path: "m"}}

// TestFlightIsShared: who asks meanwhile gets the same answer, and its body is
// there until the last one has read it.
func TestFlightIsShared(t *testing.T) {
	a := newAirfield(t, false)
	f, other := a.board(a.end, someItem), a.board(a.end, someItem)
	equal(t, "one flight", f == other, true)
	a.gate <- a.file(10)
	<-f.done
	a.leave(f)
	equal(t, "left to be read", len(text(other.result)), 10)
	a.leave(other)
	a.expectEmpty(t)
}

// TestFlightIsCancelled when the last one leaves, and no sooner; who comes then
// asks anew.
func TestFlightIsCancelled(t *testing.T) {
	a := newAirfield(t, true)
	f, other := a.board(a.end, someItem), a.board(a.end, someItem)
	a.leave(other)
	equal(t, "still wanted", len(a.byKey), 1)
	a.leave(f)
	anew := a.board(a.end, someItem)
	equal(t, "a flight of its own", anew == f, false)
	<-f.done
	equal(t, "cancelled", f.result.Cancelled(), true)
	a.gate <- a.file(10)
	<-anew.done
	a.leave(anew)
	a.expectEmpty(t)
}

// TestCancelledFlightLands: an answer that came nevertheless is nobody's, and given back.
func TestCancelledFlightLands(t *testing.T) {
	a := newAirfield(t, true)
	a.fetch = func(ctx context.Context, _ *endpoint, _ modproxy.Item, _ journal.Reason) Result {
		<-ctx.Done()
		return a.file(10)
	}
	f := a.board(a.end, someItem)
	a.leave(f)
	<-f.done
	eventually(t, "memory in use", a.pool.Used, 0)
	a.expectEmpty(t)
}

// TestStand: where a flight waits when it has landed, by what came of it.
func TestStand(t *testing.T) {
	limited := Result{Err: &upstream.Error{Limited: true}}
	for name, tt := range map[string]struct {
		ahead, twice bool
		answer       func(*airfield) Result
		landed, left stand // while it is read, and when all have left
	}{
		"fetched ahead":             {true, false, func(a *airfield) Result { return a.file(9) }, parked, parked},
		"failed ahead":              {true, false, func(a *airfield) Result { return a.damage(9) }, parked, parked},
		"given up ahead":            {true, false, func(*airfield) Result { return limited }, nowhere, nowhere},
		"for go":                    {false, false, func(a *airfield) Result { return a.file(9) }, nowhere, nowhere},
		"for two go commands":       {false, true, func(a *airfield) Result { return a.file(9) }, nowhere, kept},
		"failed for two of them":    {false, true, func(a *airfield) Result { return a.damage(9) }, parked, parked},
		"failed for one":            {false, false, func(a *airfield) Result { return a.damage(9) }, nowhere, nowhere},
		"more than is kept for two": {false, true, func(a *airfield) Result { return a.file(keptLimit + 1) }, nowhere, nowhere},
	} {
		a := newAirfield(t, tt.twice)
		var f *flight
		if tt.ahead {
			f = a.ahead(a.end, someItem)
		} else {
			f = a.board(a.end, someItem)
		}
		a.gate <- tt.answer(a)
		<-f.done
		a.mu.Lock()
		equal(t, name+": landed", f.stand, tt.landed)
		a.mu.Unlock()
		if !tt.ahead {
			a.leave(f)
		}
		equal(t, name+": left", f.stand, tt.left)
		equal(t, name+": to be found", len(a.byKey) == 1, tt.left != nowhere)
		a.expectEmpty(t)
	}
}

// TestParkedIsTakenOnce, and what is kept any number of times.
func TestParkedIsTakenOnce(t *testing.T) {
	a := newAirfield(t, true)
	ahead := a.ahead(a.end, someItem)
	equal(t, "started once", a.ahead(a.end, someItem) == nil, true)
	a.gate <- a.file(10)
	<-ahead.done
	first := a.board(a.end, someItem)
	equal(t, "taken", first == ahead, true)
	second := a.board(a.end, someItem)
	equal(t, "a doubt is a flight of its own", second == ahead, false)
	a.gate <- a.file(20)
	<-second.done
	a.leave(second)
	a.leave(first) // the second one is kept already
	for range 3 {
		f := a.board(a.end, someItem)
		equal(t, "kept", f == second, true)
		a.leave(f)
	}
	equal(t, "bytes kept", a.waiting(kept), 20)
	reader := a.board(a.end, someItem)
	a.forgetKept()
	equal(t, "read on", len(text(reader.result)), 20)
	a.leave(reader)
	a.expectEmpty(t)
}

// TestAwaitRoom ends when something is taken, and with the relay.
func TestAwaitRoom(t *testing.T) {
	for name, end := range map[string]func(*airfield){
		"taken":     func(a *airfield) { a.leave(a.claim(a.end, someItem)) },
		"cancelled": func(a *airfield) { a.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAirfield(t, false)
				f := a.ahead(a.end, someItem)
				a.gate <- a.file(10)
				<-f.done
				a.mu.Lock()
				a.bytes[parked] += aheadLimit
				a.mu.Unlock()
				equal(t, "full", a.full(), true)
				over := make(chan bool)
				go func() { a.awaitRoom(); close(over) }()
				synctest.Wait() // it does wait
				end(a)
				<-over
			})
		})
	}
}

// TestFlightsAtRandom: whatever comes in between, a body is there while somebody
// holds it, and given back when nobody does.
func TestFlightsAtRandom(t *testing.T) {
	a := newAirfield(t, true)
	a.fetch = func(ctx context.Context, _ *endpoint, it modproxy.Item, _ journal.Reason) Result {
		switch n := rand.Intn(100); {
		case ctx.Err() != nil || n < 10:
			return Result{Err: context.Canceled}
		case n < 20:
			return Result{Err: &upstream.Error{Limited: true}}
		case n < 40:
			return a.damage(100)
		}
		return a.file(100)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				a.anything(t, modproxy.Item{Kind: modproxy.Mod, Mod: module.Version{Path: strconv.Itoa(rand.Intn(4))}})
			}
		})
	}
	all.Wait()
	a.settle()
	a.forgetKept()
	a.forget(func(*flight) bool { return true })
	eventually(t, "memory in use", a.pool.Used, 0) // a cancelled flight may yet land
	a.expectEmpty(t)
}

// anything does one of all that can be done.
func (a *airfield) anything(t *testing.T, it modproxy.Item) {
	gone, leave := context.WithCancel(t.Context())
	defer leave()
	switch n := rand.Intn(20); {
	case n < 6:
		a.ahead(a.end, it)
	case n == 6:
		a.forget(func(f *flight) bool { return !f.result.Good() })
	case n == 7:
		if f := a.claim(a.end, it); f != nil {
			a.leave(f)
		}
	case n == 8:
		leave() // and may leave before it lands
		fallthrough
	default:
		ans, done := a.fly(gone, a.end, it)
		if ans.file() != nil && len(text(ans)) != 100 {
			t.Error("a body was given back while it was held")
		}
		done()
	}
}
