package relay

import (
	"context"

	"github.com/gosteady/gosteady/internal/journal"
)

// A flight is one item on its way through one endpoint. Whoever asks for it
// meanwhile shares it: go and what is fetched ahead of go ask the same things.
type flight struct {
	key    string
	item   item
	done   chan struct{}
	answer *answer
	cancel context.CancelFunc
	// Guarded by Relay.mu:
	users int
	ahead bool // waits for the one request of go's that takes it
	kept  bool // go had it: kept for another go command of this invocation
	asked int  // by how many requests of go's
}

func (e *endpoint) key(it item) string { return e.prefix + "/" + it.path }

// fly obtains an item, with others who want it. done must be called when its
// body is no longer needed.
func (r *Relay) fly(ctx context.Context, e *endpoint, it item) (a *answer, done func()) {
	f := r.board(e, it, false)
	select {
	case <-f.done:
	case <-ctx.Done():
		r.leave(f)
		return &answer{cancelled: true}, func() {}
	}
	return f.answer, func() { r.leave(f) }
}

// board joins a flight or starts one.
func (r *Relay) board(e *endpoint, it item, ahead bool) *flight {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.boardLocked(e, it, ahead)
}

func (r *Relay) boardLocked(e *endpoint, it item, ahead bool) *flight {
	key := e.key(it)
	f := r.flights[key]
	if f == nil && ahead && (r.had[it.path] || r.failed[key] != nil) {
		return nil // go has it, though perhaps not yet in the module cache, or was told that it failed
	}
	if f == nil {
		return r.takeOff(key, e, it, ahead)
	}
	if ahead {
		return nil // go was quicker
	}
	f.users++
	f.asked++
	switch {
	case f.ahead && isClosed(f.done):
		r.unpark(f) // a second request asks anew
	case f.ahead:
		f.ahead = false
		f.users--
	}
	return f
}

// takeOff starts a flight.
func (r *Relay) takeOff(key string, e *endpoint, it item, ahead bool) *flight {
	f := &flight{key: key, item: it, done: make(chan struct{}), ahead: ahead, users: 1}
	ctx, cancel := context.WithCancel(r.ctx)
	if ahead {
		ctx = because(ctx, journal.Ahead)
	} else {
		f.asked = 1
	}
	f.cancel = cancel
	r.flights[key] = f
	go r.run(ctx, f, e, it)
	return f
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (r *Relay) run(ctx context.Context, f *flight, e *endpoint, it item) {
	a := r.answer(ctx, e, it)
	f.cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	f.answer = a
	close(f.done)
	if a.lasts() && (f.ahead || r.isShared(f)) {
		r.park(f)
		return
	}
	if r.flights[f.key] == f {
		delete(r.flights, f.key)
	}
	if f.ahead || f.users == 0 {
		a.release() // nobody wants it
	}
}

// leave gives a flight up. The last one to leave ends it.
func (r *Relay) leave(f *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaveLocked(f)
}

func (r *Relay) leaveLocked(f *flight) {
	f.users--
	if f.users > 0 {
		return
	}
	if !isClosed(f.done) {
		f.cancel()
		if r.flights[f.key] == f {
			delete(r.flights, f.key) // whoever comes now asks anew
		}
		return
	}
	if !r.keep(f) {
		f.answer.release()
	}
}

// keptLimit bounds the memory for small files that go has had.
const keptLimit = 8 << 20

// keep leaves a small file of a version that go.sum names where the next one
// to ask finds it: two go commands that load the same side by side ask for
// most of them twice. A go.mod file is kept only because it agrees with go.sum.
func (r *Relay) keep(f *flight) bool {
	if !f.answer.good() {
		return false
	}
	small := f.item.kind == kindInfo && r.config.Sums.Names(f.item.mod) ||
		f.item.kind == kindMod && r.config.Sums.GoMod(f.item.mod) != nil
	if !small || !f.kept && (r.config.Cold == nil || r.suspect.Load() || r.kept+f.answer.body.size > keptLimit || r.flights[f.key] != nil) {
		return false
	}
	if !f.kept {
		f.kept = true
		r.kept += f.answer.body.size
		r.flights[f.key] = f
	}
	return true
}

// dropKept forgets what keep has left; the lock is held. What is being read
// stays until its last reader leaves.
func (r *Relay) dropKept() {
	for key, f := range r.flights {
		if !f.kept {
			continue
		}
		f.kept = false
		delete(r.flights, key)
		r.kept -= f.answer.body.size
		if f.users == 0 {
			f.answer.release()
		}
	}
}

// drop gives back what was fetched ahead and never asked for, and what was
// kept of failures.
func (r *Relay) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropKept()
	r.dropParked(func(*flight) bool { return true })
	for _, a := range r.failed {
		a.release()
	}
	clear(r.failed)
}
