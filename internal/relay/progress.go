package relay

import "time"

// A Progress is how far a command has come, for people who watch.
type Progress struct {
	Done    int           // zips that go has got
	Total   int           // zips that it will want; 0 if that is not known
	Bytes   int64         // that came from upstreams
	Took    time.Duration // from go's first request to the last answer
	Waiting string        // what is being retried, "module@version (class)"; "" if nothing is
}

// Progress returns the present state.
func (r *Relay) Progress() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Done: len(r.delivered), Total: r.wanted, Bytes: r.received.Load(), Took: r.lastTold.Sub(r.firstAsked)}
	for q := range r.waiting {
		if text := q.what() + " (" + string(q.answer.failed.Class) + ")"; p.Waiting == "" || text < p.Waiting {
			p.Waiting = text // always the same one of several, so that a display is calm
		}
	}
	return p
}

// noteAsked notes when go asked first.
func (r *Relay) noteAsked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.firstAsked.IsZero() {
		r.firstAsked = r.now()
		r.lastTold = r.firstAsked
	}
}

// sleeping notes that a question waits for its next attempt.
func (r *Relay) sleeping(q *question) (over func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting[q] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, q)
	}
}

// what names the item of a question for people.
func (q *question) what() string {
	switch {
	case q.it.mod.Path == "":
		return "the checksum database"
	case q.it.mod.Version == "":
		return q.it.mod.Path
	}
	return q.it.mod.Path + "@" + q.it.mod.Version
}
