package prefetch

import (
	"context"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// A state says why a call is kept. A result that was fetched ahead is kept until go
// requests it, a failure too: a rule that says fail means one request, and a schedule of
// retries is waited for once.
type state int

const (
	unkept  state = iota
	awaited       // being fetched, for the one request that will take it
	ready         // there is a result, for the one request that will take it
	shared        // there is a result, for any number of them
	states
)

const (
	// aheadLimit bounds what is on disk for go to request it.
	aheadLimit = 512 << 20
	// sharedLimit bounds the memory for small files that go has had.
	sharedLimit = 8 << 20
)

// isShared reports whether a failure that one go command is about to be told of is
// also for the other one, which may run beside it: both ask for most files once.
// Queries one of them alone may ask more than once.
func (cs *calls) isShared(c *call) bool {
	if c.holders == 0 || c.asked != 1 || c.result.Good() {
		return false
	}
	failure, _ := cs.twice(c.item)
	return failure
}

// isSmall reports whether a file that all have left is kept where the next one to
// ask finds it: two go commands that load the same side by side ask for most of
// the small ones twice. Another call may have taken its place meanwhile.
func (cs *calls) isSmall(c *call) bool {
	if cs.shut || !c.result.Good() || cs.byKey[c.key] != nil || cs.bytes[shared]+c.result.Size() > sharedLimit {
		return false
	}
	_, file := cs.twice(c.item)
	return file
}

// keep leaves a call with a result where go finds it.
func (cs *calls) keep(c *call, as state) {
	if c.kept == unkept {
		c.holders++
	}
	c.kept = as
	cs.byKey[c.key] = c
	cs.bytes[as] += c.result.Size()
}

// drop ends that a call is kept. One that is being fetched stays where others can join it.
func (cs *calls) drop(c *call) {
	if c.kept != awaited {
		cs.bytes[c.kept] -= c.result.Size()
		cs.remove(c)
		cs.room.Broadcast()
	}
	c.kept = unkept
	if c.holders--; c.holders == 0 {
		c.result.Release()
	}
}

// forget gives up what is ready and not wanted any more.
func (cs *calls) forget(unwanted func(*call) bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.byKey {
		if c.kept == ready && unwanted(c) {
			cs.drop(c)
		}
	}
}

// abandon ends what is being fetched for go to come for.
func (cs *calls) abandon() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.byKey {
		if c.kept == awaited {
			c.kept = unkept
			c.holders--
			c.cancel()
			cs.remove(c)
		}
	}
}

// forgetShared gives up what is shared, and shares nothing from now on.
func (cs *calls) forgetShared() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.shut = true
	for _, c := range cs.byKey {
		if c.kept == shared {
			cs.drop(c)
		}
	}
}

// available is a good result that go can have at once; ok is false if there is none.
func (cs *calls) available(k key) (r Result, ok bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	c := cs.byKey[k]
	if c == nil || !c.over || !c.result.Good() {
		return Result{}, false
	}
	return c.result, true
}

// isReady reports whether a file waits for go, of whatever entry.
func (cs *calls) isReady(it modproxy.Item) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.byKey {
		if c.item == it && c.kept == ready && c.result.Good() {
			return true
		}
	}
	return false
}

// full reports whether enough waits for go.
func (cs *calls) full() bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.bytes[ready] > aheadLimit
}

// awaitRoom waits until go has taken enough of what is ready, or the context ends.
func (cs *calls) awaitRoom() {
	stop := context.AfterFunc(cs.ctx, func() {
		cs.mu.Lock() // else a waiter could be between its look at the context and its wait
		defer cs.mu.Unlock()
		cs.room.Broadcast()
	})
	defer stop()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for cs.bytes[ready] > aheadLimit && cs.ctx.Err() == nil {
		cs.room.Wait()
	}
}

func (cs *calls) counts() (n Counts) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.byKey {
		if !c.over {
			n.Fetching++
		}
	}
	n.Ready, n.Shared = cs.bytes[ready], cs.bytes[shared]
	return n
}
