package relay

import "context"

// A flight is one item on its way through one endpoint. Whoever asks for it
// meanwhile shares it: go and what is fetched ahead of go ask the same things.
type flight struct {
	key    string
	done   chan struct{}
	answer *answer
	cancel context.CancelFunc
	// Guarded by Relay.mu:
	users int
	ahead bool // fetched before go asked: kept for go's own request
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
	if f == nil {
		f = &flight{key: key, done: make(chan struct{}), ahead: ahead}
		r.flights[key] = f
		f.users++
		parent := r.ctx
		if ahead {
			parent = r.child
		}
		var ctx context.Context
		ctx, f.cancel = context.WithCancel(parent)
		go r.run(ctx, f, e, it)
		return f
	}
	if ahead {
		return nil // go was quicker
	}
	f.users++
	if f.ahead {
		// What was kept for go is taken now; a second request asks anew.
		f.ahead = false
		f.users--
		if isClosed(f.done) {
			delete(r.flights, key)
			r.ahead -= f.answer.body.size
			r.room.Broadcast()
		}
	}
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
	if f.ahead && a.good() {
		r.ahead += a.body.size
		return // until go asks
	}
	if r.flights[f.key] == f {
		delete(r.flights, f.key)
	}
	if f.ahead || f.users == 0 {
		a.body.close() // nobody wants it; go asks for itself what failed ahead of it
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
	if f.answer.good() {
		f.answer.body.close()
	}
}

// drop gives back what was fetched ahead and never asked for, and what was
// kept of failures.
func (r *Relay) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, f := range r.flights {
		if f.ahead && isClosed(f.done) {
			f.answer.body.close()
			delete(r.flights, key)
		}
	}
	for _, a := range r.failed {
		a.body.close()
	}
}
