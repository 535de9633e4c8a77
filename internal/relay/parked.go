package relay

// What was asked before go wanted it is parked until go asks, a failure too: a
// rule that says fail means one request, and a schedule of retries is waited for
// once. The functions of this file are called with Relay.mu held.

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
			f.answer.release()
		}
	}
}
