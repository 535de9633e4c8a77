package prefetch

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/spool"
	"github.com/gosteady/gosteady/internal/upstream"
)

// A field has calls whose items are made here, and an account of bodies.
type field struct {
	*calls
	pool spool.Pool
	stop context.CancelFunc
	gate chan Result // what the next calls end in
}

// newField makes calls; twice says that a second go command asks for all of
// them.
func newField(t *testing.T, twice bool) *field {
	a := &field{gate: make(chan Result)}
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	a.stop = stop
	fetch := func(ctx context.Context, _ int, _ modproxy.Item, _ journal.Reason) Result {
		select {
		case ans := <-a.gate:
			return ans
		case <-ctx.Done():
			return Result{Err: context.Canceled}
		}
	}
	a.calls = newCalls(ctx, fetch, func(modproxy.Item) (bool, bool) { return twice, twice })
	return a
}

// file is a good result of some bytes, damage a bad one.
func (a *field) file(n int) Result {
	body := a.pool.New()
	body.Write(make([]byte, n))
	return Result{File: &upstream.File{Body: body}}
}

func (a *field) damage(n int) Result {
	return Result{Err: &upstream.Error{File: a.file(n).File}}
}

// expectEmpty checks that nothing is held any more.
func (a *field) expectEmpty(t *testing.T) {
	t.Helper()
	a.forgetShared()
	a.forget(func(*call) bool { return true })
	a.mu.Lock()
	defer a.mu.Unlock()
	equal(t, "calls", len(a.byKey), 0)
	equal(t, "bytes that wait", a.bytes, [states]int64{})
	equal(t, "memory in use", a.pool.Used(), 0)
}

var someKey = key{item: modproxy.Item{Kind: modproxy.Mod, Mod: module.Version{Path: "m"}}}

// TestCallIsShared: who asks meanwhile gets the same answer, and its body is
// there until the last one has read it.
func TestCallIsShared(t *testing.T) {
	a := newField(t, false)
	f, other := a.join(someKey), a.join(someKey)
	equal(t, "one call", f == other, true)
	a.gate <- a.file(10)
	<-f.done
	a.leave(f)
	equal(t, "left to be read", len(text(other.result)), 10)
	a.leave(other)
	a.expectEmpty(t)
}

// TestCallIsCancelled when the last one leaves, and no sooner; who comes then
// asks anew.
func TestCallIsCancelled(t *testing.T) {
	a := newField(t, true)
	f, other := a.join(someKey), a.join(someKey)
	a.leave(other)
	equal(t, "still wanted", len(a.byKey), 1)
	a.leave(f)
	anew := a.join(someKey)
	equal(t, "a call of its own", anew == f, false)
	<-f.done
	equal(t, "cancelled", f.result.Cancelled(), true)
	a.gate <- a.file(10)
	<-anew.done
	a.leave(anew)
	a.expectEmpty(t)
}

// TestCancelledCallFinishes: an answer that came nevertheless is nobody's, and given back.
func TestCancelledCallFinishes(t *testing.T) {
	a := newField(t, true)
	a.fetch = func(ctx context.Context, _ int, _ modproxy.Item, _ journal.Reason) Result {
		<-ctx.Done()
		return a.file(10)
	}
	f := a.join(someKey)
	a.leave(f)
	<-f.done
	eventually(t, "memory in use", a.pool.Used, 0)
	a.expectEmpty(t)
}

// TestKept: where a call waits when it has finished, by what came of it.
func TestKept(t *testing.T) {
	limited := Result{Err: &upstream.Error{Limited: true}}
	for name, tt := range map[string]struct {
		ahead, twice   bool
		answer         func(*field) Result
		finished, left state // while it is read, and when all have left
	}{
		"fetched ahead":             {true, false, func(a *field) Result { return a.file(9) }, ready, ready},
		"failed ahead":              {true, false, func(a *field) Result { return a.damage(9) }, ready, ready},
		"given up ahead":            {true, false, func(*field) Result { return limited }, unkept, unkept},
		"for go":                    {false, false, func(a *field) Result { return a.file(9) }, unkept, unkept},
		"for two go commands":       {false, true, func(a *field) Result { return a.file(9) }, unkept, shared},
		"failed for two of them":    {false, true, func(a *field) Result { return a.damage(9) }, ready, ready},
		"failed for one":            {false, false, func(a *field) Result { return a.damage(9) }, unkept, unkept},
		"more than is kept for two": {false, true, func(a *field) Result { return a.file(sharedLimit + 1) }, unkept, unkept},
	} {
		a := newField(t, tt.twice)
		var f *call
		if tt.ahead {
			f = a.start(someKey)
		} else {
			f = a.join(someKey)
		}
		a.gate <- tt.answer(a)
		<-f.done
		a.mu.Lock()
		equal(t, name+": finished", f.kept, tt.finished)
		a.mu.Unlock()
		if !tt.ahead {
			a.leave(f)
		}
		equal(t, name+": left", f.kept, tt.left)
		equal(t, name+": to be found", len(a.byKey) == 1, tt.left != unkept)
		a.expectEmpty(t)
	}
}

// TestReadyIsTakenOnce, and what is kept any number of times.
func TestReadyIsTakenOnce(t *testing.T) {
	a := newField(t, true)
	ahead := a.start(someKey)
	equal(t, "started once", a.start(someKey) == nil, true)
	a.gate <- a.file(10)
	<-ahead.done
	first := a.join(someKey)
	equal(t, "taken", first == ahead, true)
	second := a.join(someKey)
	equal(t, "a doubt is a call of its own", second == ahead, false)
	a.gate <- a.file(20)
	<-second.done
	a.leave(second)
	a.leave(first) // the second one is kept already
	for range 3 {
		f := a.join(someKey)
		equal(t, "kept", f == second, true)
		a.leave(f)
	}
	equal(t, "bytes kept", a.counts().Shared, 20)
	reader := a.join(someKey)
	a.forgetShared()
	equal(t, "read on", len(text(reader.result)), 20)
	a.leave(reader)
	a.expectEmpty(t)
}

// TestAwaitRoom ends when something is taken, and with the relay.
func TestAwaitRoom(t *testing.T) {
	for name, end := range map[string]func(*field){
		"taken":     func(a *field) { a.leave(a.claim(someKey)) },
		"cancelled": func(a *field) { a.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newField(t, false)
				f := a.start(someKey)
				a.gate <- a.file(10)
				<-f.done
				a.mu.Lock()
				a.bytes[ready] += aheadLimit
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

// TestCallsAtRandom: whatever comes in between, a body is there while somebody
// holds it, and given back when nobody does.
func TestCallsAtRandom(t *testing.T) {
	a := newField(t, true)
	a.fetch = func(ctx context.Context, _ int, it modproxy.Item, _ journal.Reason) Result {
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
	eventually(t, "files that are being fetched", func() int64 { return int64(a.counts().Fetching) }, 0)
	a.forgetShared()
	a.forget(func(*call) bool { return true })
	eventually(t, "memory in use", a.pool.Used, 0) // a cancelled call may yet land
	a.expectEmpty(t)
}

// anything does one of all that can be done.
func (a *field) anything(t *testing.T, it modproxy.Item) {
	gone, leave := context.WithCancel(t.Context())
	defer leave()
	switch n := rand.Intn(20); {
	case n < 6:
		a.start(key{item: it})
	case n == 6:
		a.forget(func(f *call) bool { return !f.result.Good() })
	case n == 7:
		if f := a.claim(key{item: it}); f != nil {
			a.leave(f)
		}
	case n == 8:
		leave() // and may leave before it lands
		fallthrough
	default:
		ans, done := a.get(gone, key{item: it})
		if ans.AnyFile() != nil && len(text(ans)) != 100 {
			t.Error("a body was given back while it was held")
		}
		done()
	}
}

// TestGetIsShared: many who ask at once are one request.
func TestGetIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newField(t, false)
		fetches := 0
		fetch := a.fetch
		a.fetch = func(ctx context.Context, entry int, it modproxy.Item, why journal.Reason) Result {
			fetches++
			return fetch(ctx, entry, it, why)
		}
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				r, done := a.get(t.Context(), someKey)
				defer done()
				equal(t, "bytes", len(text(r)), 7)
			})
		}
		synctest.Wait() // all of them wait for it
		a.gate <- a.file(7)
		all.Wait()
		equal(t, "fetches", fetches, 1)
		a.expectEmpty(t)
		a.stop()
	})
}

// text is what a result's body has.
func text(r Result) string {
	data, _ := io.ReadAll(r.AnyFile().Body.Reader())
	return string(data)
}

func equal(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		tb.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// eventually waits for a value: a call may end after its last holder has left.
func eventually(t *testing.T, what string, value func() int64, want int64) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); value() != want && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	equal(t, what, value(), want)
}

// TestPrefetchLock: one prefetcher a module cache.
func TestPrefetchLock(t *testing.T) {
	dir := t.TempDir()
	unlock, ok := lockPrefetch(dir)
	if !ok {
		t.Fatal("not the first")
	}
	if _, ok := lockPrefetch(dir); ok {
		t.Error("two at once")
	}
	unlock()
	unlock, ok = lockPrefetch(dir)
	if !ok {
		t.Fatal("not given back")
	}
	unlock()
	if unlock, ok := lockPrefetch(filepath.Join(dir, "missing")); !ok {
		t.Error("no cache yet")
	} else {
		unlock()
	}
}

// TestNoInstaller: where nothing is installed, nobody waits.
func TestNoInstaller(t *testing.T) {
	var none *installer
	none.await(context.Background(), module.Version{Path: "m", Version: "v1.0.0"})
	none.release()
	none.end()
	none.wait()
}
