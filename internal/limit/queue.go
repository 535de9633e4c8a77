package limit

import "slices"

// A waiter is a request that waits while the upstream is down.
type waiter struct {
	who     File
	turn    chan struct{} // closed when something has changed
	elected bool          // to probe
}

// leave takes one who waits out of the queue. If it was its turn, it is another's.
func (o *Outage) leave(d *spell, w *waiter) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if w.elected {
		d.handOver()
		return
	}
	d.queue = slices.DeleteFunc(d.queue, func(other *waiter) bool { return other == w })
}

// handOver has the one who has waited longest probe next; the lock is held.
func (d *spell) handOver() {
	d.probing = false
	if len(d.queue) == 0 {
		return
	}
	w := d.queue[0]
	d.queue = d.queue[1:]
	d.probing, w.elected = true, true
	close(w.turn)
}

// wakeAll has everybody look again; the lock is held.
func (d *spell) wakeAll() {
	for _, w := range d.queue {
		close(w.turn)
	}
	d.queue = nil
}
