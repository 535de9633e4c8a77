package relay

// What was asked before go wanted it is parked until go asks, a failure too: a
// rule that says fail means one request, and a schedule of retries is waited for
// once. But for carry, the functions of this file are called with Relay.mu held.

// lasts reports whether an answer may wait for go. What was given up for want of
// budget, go may yet get: meanwhile others have come to their end.
func (a *answer) lasts() bool { return !a.cancelled && !a.limited }

// isShared reports whether a failure that one go command is about to be told of is
// also for the other one, which may run beside it: both ask for most files once.
// Queries one of them alone may ask more than once.
func (r *Relay) isShared(f *flight) bool {
	return r.config.Cold != nil && f.users > 0 && f.asked == 1 && !f.answer.good() &&
		f.item.exact() && r.config.Sums.Names(f.item.mod)
}

// park leaves a flight that has come to its end where go finds it.
func (r *Relay) park(f *flight) {
	if !f.ahead {
		f.ahead = true
		f.users++ // whoever comes for it
	}
	r.ahead += f.answer.body.length()
}

// unpark takes it away from there.
func (r *Relay) unpark(f *flight) {
	f.ahead = false
	f.users--
	delete(r.flights, f.key)
	r.ahead -= f.answer.body.length()
	r.room.Broadcast()
}

// dropParked gives up what is parked and not wanted any more.
func (r *Relay) dropParked(unwanted func(*flight) bool) {
	for _, f := range r.flights {
		if !f.ahead || !isClosed(f.done) || !unwanted(f) {
			continue
		}
		if r.unpark(f); f.users == 0 {
			r.unload(f)
		}
	}
}

// carry is for an answer that comes by no flight: done must be called when its body
// is no longer needed.
func (r *Relay) carry(key string, a *answer) (done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a.flights++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.giveBack(key, a)
	}
}

// unload gives an answer's body back when its last flight has ended, unless go
// may ask for it once more from memory.
func (r *Relay) unload(f *flight) { r.giveBack(f.key, f.answer) }

func (r *Relay) giveBack(key string, a *answer) {
	a.flights--
	if a.flights == 0 && r.failed[key] != a {
		a.body.close()
	}
}

// setFailed remembers what go is told of an item, nil for nothing, in the place of
// what it was told before.
func (r *Relay) setFailed(key string, a *answer) {
	old := r.failed[key]
	if a == nil {
		delete(r.failed, key)
	} else {
		r.failed[key] = a
	}
	if old != nil && old != a && old.flights == 0 {
		old.body.close()
	}
}
