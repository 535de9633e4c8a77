package serve

import (
	"net/url"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/release"
	"github.com/gosteady/gosteady/internal/upstream"
	"github.com/gosteady/gosteady/policy"
)

// flushEvery is how often what failed goes to the journal, where 'last' and 'stats' find
// it as what one command met.
const flushEvery = time.Minute

// A reporter keeps what fetches meet, and writes it down from time to time.
type reporter struct {
	upstream.Silent
	store   journal.Store
	level   journal.Level
	private func(modPath string) bool

	mu     sync.Mutex
	now    *journal.Recorder
	hidden []*url.URL
}

func newReporter(store journal.Store, level policy.Journal, private func(string) bool) *reporter {
	r := &reporter{store: store, private: private}
	if level == policy.JournalOff {
		r.level = journal.Off // all of a minute without a failure is nothing to keep
	}
	r.now = r.recorder()
	return r
}

func (r *reporter) recorder() *journal.Recorder {
	rec := journal.NewRecorder([]string{"steady", "serve"}, "", time.Now)
	rec.Version = release.String()
	rec.SetPrivate(r.private)
	for _, u := range r.hidden {
		rec.Hide(u)
	}
	return rec
}

// hide keeps the paths of upstreams' addresses to ourselves from now on: a path may be a
// token.
func (r *reporter) hide(list []proxylist.Proxy) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range list {
		if p.Kind == proxylist.HTTP && !policy.WellKnownProxy(p.URL) {
			r.hidden = append(r.hidden, p.URL)
			r.now.Hide(p.URL)
		}
	}
}

func (r *reporter) current() *journal.Recorder {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// Attempt is told of a request that has ended.
func (r *reporter) Attempt(began time.Time, q journal.Request) { r.current().AddRequest(began, q) }

// Event is told of failures.
func (r *reporter) Event(e journal.Event) { r.current().Add(e) }

// Abandoned is told of what had failed when nobody waited any more.
func (r *reporter) Abandoned(e journal.Event) { r.current().Add(e) }

// flush writes what there is, and begins anew.
func (r *reporter) flush() error {
	r.mu.Lock()
	old := r.now
	r.now = r.recorder()
	r.mu.Unlock()
	return old.Flush(r.store, r.level, 0)
}
