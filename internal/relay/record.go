package relay

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/upstream"
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
	p := r.record.progress()
	p.Done = len(r.files.zips.list())
	return p
}

// A record is what happened: the one account that the journal, the display and the
// supervisor read. It is told by package upstream, and of go's requests by the server.
type record struct {
	journal *journal.Recorder
	notify  func(line string)
	now     func() time.Time

	bytes atomic.Int64 // of bodies, from upstreams

	mu        sync.Mutex
	total     int             // zips that are fetched ahead, or were
	waiting   map[int]string  // what is waited for, by a number of its own
	waits     int             // the last such number
	idle      chan struct{}   // closed when nobody waits; nil: nobody wants to know
	asked     time.Time       // when go asked first; zero: not yet
	answers   time.Time       // when it was answered last
	lastLine  time.Time       // when a line said what is waited for; zero: never
	abandoned []journal.Event // what had failed, and was waited for when go went
}

var _ upstream.Observer = (*record)(nil)

// Attempt records a request.
func (r *record) Attempt(began time.Time, req journal.Request) { r.journal.AddRequest(began, req) }

// Event records what was overcome.
func (r *record) Event(e journal.Event) { r.journal.Add(e) }

// Received counts bytes of bodies.
func (r *record) Received(n int) { r.bytes.Add(int64(n)) }

// Abandoned keeps what there is to tell of a fetch that nobody waits for any more.
func (r *record) Abandoned(e journal.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.abandoned = append(r.abandoned, e)
}

// Waiting notes what is waited for, until over is called.
func (r *record) Waiting(what string) (over func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		r.waiting = make(map[int]string)
	}
	r.waits++
	n := r.waits
	r.waiting[n] = what
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, n)
		if len(r.waiting) == 0 && r.idle != nil {
			close(r.idle)
			r.idle = nil
		}
	}
}

// sayAgain is how often people are told of a long wait.
const sayAgain = time.Minute

// Say says a line, but keeps many waits at once from becoming many lines.
func (r *record) Say(line string) {
	now := r.now()
	r.mu.Lock()
	due := r.lastLine.IsZero() || now.Sub(r.lastLine) >= sayAgain
	if due {
		r.lastLine = now
	}
	r.mu.Unlock()
	if due {
		r.notify(line)
	}
}

// expect says how many zips go will want.
func (r *record) expect(zips int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total = zips
}

// requested notes that go asks.
func (r *record) requested() {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked.IsZero() {
		r.asked, r.answers = now, now
	}
}

// answered notes that go is answered.
func (r *record) answered() {
	now := r.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.After(r.answers) {
		r.answers = now
	}
}

func (r *record) progress() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := Progress{Total: r.total, Bytes: r.bytes.Load(), Took: r.answers.Sub(r.asked)}
	for _, text := range r.waiting {
		if p.Waiting == "" || text < p.Waiting {
			p.Waiting = text // always the same one of several, so that a display is calm
		}
	}
	return p
}

// soon is how long those who wait have to notice that nobody waits for them.
const soon = 100 * time.Millisecond

// interrupted records what was abandoned, once those who wait have noticed.
func (r *record) interrupted() {
	r.mu.Lock()
	if len(r.waiting) > 0 {
		idle := make(chan struct{})
		r.idle = idle
		r.mu.Unlock()
		select {
		case <-idle:
		case <-time.After(soon):
		}
		r.mu.Lock()
	}
	list := r.abandoned
	r.abandoned = nil
	r.mu.Unlock()
	for _, e := range list {
		r.journal.Add(e)
	}
}
