package relay

import (
	"sync"
	"sync/atomic"
	"time"
)

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
	p := r.display.progress()
	p.Done = r.files.countZips()
	return p
}

// A display is what people are told while the command runs. The zero value has
// nothing to tell.
type display struct {
	bytes atomic.Int64 // of bodies, from upstreams

	mu       sync.Mutex
	total    int                  // zips that are fetched ahead, or were
	waiting  map[*question]string // for their next attempt, and what is said of it
	asked    time.Time            // when go asked first; zero: not yet
	answers  time.Time            // when it was answered last
	lastLine time.Time            // when a line said what is waited for; zero: never
}

func (d *display) progress() Progress {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := Progress{Total: d.total, Bytes: d.bytes.Load(), Took: d.answers.Sub(d.asked)}
	for _, text := range d.waiting {
		if p.Waiting == "" || text < p.Waiting {
			p.Waiting = text // always the same one of several, so that a display is calm
		}
	}
	return p
}

// expect says how many zips go will want.
func (d *display) expect(zips int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.total = zips
}

// begin notes that go asks.
func (d *display) begin(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked.IsZero() {
		d.asked, d.answers = now, now
	}
}

// answered notes that go is answered.
func (d *display) answered(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.After(d.answers) {
		d.answers = now
	}
}

// sleeping notes that a question waits for its next attempt, until over is called.
func (d *display) sleeping(q *question) (over func()) {
	text := q.what()
	if q.answer != nil {
		text += " (" + string(q.answer.failed.Class) + ")"
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting == nil {
		d.waiting = make(map[*question]string)
	}
	d.waiting[q] = text
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.waiting, q)
	}
}

// waits reports whether any question waits.
func (d *display) waits() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.waiting) > 0
}

// mayTell keeps many waits at once from becoming many lines.
func (d *display) mayTell(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.lastLine.IsZero() && now.Sub(d.lastLine) < tellAgain {
		return false
	}
	d.lastLine = now
	return true
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
