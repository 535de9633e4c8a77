package relay

import (
	"context"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// A stand is where a flight waits for requests of go's. What was asked before go
// wanted it is parked until go asks, a failure too: a rule that says fail means one
// request, and a schedule of retries is waited for once.
type stand int

const (
	nowhere  stand = iota
	expected       // under way, for the one request that will take it
	parked         // landed, for the one request that will take it
	kept           // landed, for any number of them
	stands
)

const (
	// aheadLimit bounds what waits on disk for go to ask for it.
	aheadLimit = 512 << 20
	// keptLimit bounds the memory for small files that go has had.
	keptLimit = 8 << 20
)

// isShared reports whether a failure that one go command is about to be told of is
// also for the other one, which may run beside it: both ask for most files once.
// Queries one of them alone may ask more than once.
func (fs *flights) isShared(f *flight) bool {
	if f.holders == 0 || f.asked != 1 || f.result.Good() {
		return false
	}
	failure, _ := fs.twice(f.item)
	return failure
}

// isSmall reports whether a file that all have left is kept where the next one to
// ask finds it: two go commands that load the same side by side ask for most of
// the small ones twice. Another flight may have taken its place meanwhile.
func (fs *flights) isSmall(f *flight) bool {
	if fs.shut || !f.result.Good() || fs.byKey[f.key] != nil || fs.bytes[kept]+f.result.Size() > keptLimit {
		return false
	}
	_, file := fs.twice(f.item)
	return file
}

// put leaves a flight that has landed where go finds it.
func (fs *flights) put(f *flight, where stand) {
	if f.stand == nowhere {
		f.holders++
	}
	f.stand = where
	fs.byKey[f.key] = f
	fs.bytes[where] += f.result.Size()
}

// vacate takes its stand from a flight: nobody is to come for it any more. One that
// is under way stays where others can join it.
func (fs *flights) vacate(f *flight) {
	if f.stand != expected {
		fs.bytes[f.stand] -= f.result.Size()
		fs.remove(f)
		fs.room.Broadcast()
	}
	f.stand = nowhere
	if f.holders--; f.holders == 0 {
		f.result.Release()
	}
}

// forget gives up what is parked and not wanted any more.
func (fs *flights) forget(unwanted func(*flight) bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.byKey {
		if f.stand == parked && unwanted(f) {
			fs.vacate(f)
		}
	}
}

// abandon ends what is under way for go to come for: whoever asks now asks anew.
func (fs *flights) abandon() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.byKey {
		if f.stand == expected {
			f.stand = nowhere
			f.holders--
			f.cancel()
			fs.remove(f)
		}
	}
}

// forgetKept gives up what is kept, and keeps nothing from now on.
func (fs *flights) forgetKept() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.shut = true
	for _, f := range fs.byKey {
		if f.stand == kept {
			fs.vacate(f)
		}
	}
}

// sizeAhead is the size of a file that go can have at once; 0 if there is none.
func (fs *flights) sizeAhead(e *endpoint, it modproxy.Item) int64 {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.byKey[e.key(it)]; f != nil && f.landed && f.result.Good() {
		return f.result.Size()
	}
	return 0
}

// parked reports whether a file waits for go.
func (fs *flights) parked(it modproxy.Item) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.byKey {
		if f.item == it && f.stand == parked && f.result.Good() {
			return true
		}
	}
	return false
}

// unread reports whether a file that go can have at once is a zip that nobody has
// looked at.
func (fs *flights) unread(e *endpoint, it modproxy.Item) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.byKey[e.key(it)]
	return f != nil && f.landed && f.result.Good() && f.result.File.Unread
}

// full reports whether enough waits for go.
func (fs *flights) full() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.bytes[parked] > aheadLimit
}

// awaitRoom waits until go has taken enough of what is parked, or the relay ends.
func (fs *flights) awaitRoom() {
	stop := context.AfterFunc(fs.ctx, func() {
		fs.mu.Lock() // else a waiter could be between its look at the context and its wait
		defer fs.mu.Unlock()
		fs.room.Broadcast()
	})
	defer stop()
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for fs.bytes[parked] > aheadLimit && fs.ctx.Err() == nil {
		fs.room.Wait()
	}
}

// askedTwice tells what of an item the second one of two go commands, which load
// the same side by side, asks for too: a failure of a version that go.sum names,
// and its small files. A go.mod file counts only because it agrees with go.sum.
func (r *Relay) askedTwice(it modproxy.Item) (failure, file bool) {
	if r.config.Cold == nil {
		return false, false
	}
	sums := r.config.Sums
	failure = it.Exact() && sums.Names(it.Mod)
	file = it.Kind == modproxy.Info && sums.Names(it.Mod) || it.Kind == modproxy.Mod && sums.GoMod(it.Mod) != nil
	return failure, file
}
