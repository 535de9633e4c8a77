package journal

import (
	"cmp"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/mask"
)

const (
	maxText   = 512  // bytes of an error's text: a line, not a page
	maxStored = 500  // events of one invocation on disk
	maxEvents = 5000 // events of one invocation in memory
)

// A Recorder collects what one invocation meets. It is safe for concurrent
// use; the nil Recorder drops everything.
type Recorder struct {
	Version string // of gosteady, for the record; set before use

	now     func() time.Time
	start   time.Time
	command []string
	dir     string

	mu       sync.Mutex
	events   []Event
	dropped  int
	requests requests
	private  func(modPath string) bool // nil: not known
	paths    mask.Paths
}

// NewRecorder starts the record of one command (without the program's name),
// run in dir. Arguments are redacted before they leave the Recorder.
func NewRecorder(command []string, dir string, now func() time.Time) *Recorder {
	return &Recorder{now: now, start: now(), command: command, dir: dir}
}

// Add records an event. A zero Time becomes the present, which is when the
// event was over; Wait reaches back from there.
func (r *Recorder) Add(e Event) {
	if r == nil {
		return
	}
	if e.Time.IsZero() {
		e.Time = r.now()
	}
	e.Text = mask.Text(e.Text)
	e.Upstream, e.Module, e.Version = bare(e.Upstream), mask.Line(e.Module), mask.Line(e.Version)
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Text = clip(r.paths.Mask(e.Text))
	if len(r.events) >= maxEvents {
		r.dropped++
		if e.Outcome != Unhealed {
			return
		}
		r.events = r.events[:maxEvents-1] // it is why the command fails
	}
	r.events = append(r.events, e)
}

// clip bounds a text without cutting a character.
func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "…"
}

// SetPrivate says which module paths are private to the command: what is
// recorded says so of each. It may come late, but before the record is taken.
func (r *Recorder) SetPrivate(private func(modPath string) bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.private = private
}

// isPrivate needs r.mu.
func (r *Recorder) isPrivate(modPath string) bool {
	return r.private != nil && modPath != "" && r.private(modPath)
}

// Hide keeps the path of a proxy's address out of all texts recorded from now
// on. With some services it is what opens the proxy: a token.
func (r *Recorder) Hide(proxy *url.URL) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths.Add(proxy)
}

// Events returns what was recorded so far, oldest first.
func (r *Recorder) Events() []Event {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	events := slices.Clone(r.events)
	for i := range events {
		events[i].Private = r.isPrivate(events[i].Module)
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.Time.Compare(b.Time) })
	return events
}

// Invocation returns the record as it goes to disk.
func (r *Recorder) Invocation(exit int) Invocation {
	if r == nil {
		return Invocation{Exit: exit}
	}
	inv := Invocation{
		Time: r.start, Duration: r.now().Sub(r.start), Exit: exit,
		Version: r.Version, Command: redactArgs(r.command), Dir: r.dir, Events: r.Events(),
	}
	r.mu.Lock()
	inv.Dropped = r.dropped
	inv.Requests = r.requests.sum()
	r.mu.Unlock()
	if over := len(inv.Events) - maxStored; over > 0 {
		inv.Dropped += over
		inv.Events = withoutNewest(inv.Events, over)
	}
	return inv
}

// withoutNewest leaves so many events out, the newest; what was not healed only where
// nothing else is left: it comes last, and is why the command failed.
func withoutNewest(events []Event, over int) []Event {
	others := len(events) - len(outcome(events, Unhealed)) - over // that stay
	kept := make([]Event, 0, len(events)-over)
	for _, e := range events {
		switch {
		case e.Outcome == Unhealed && len(kept) < cap(kept):
			kept = append(kept, e)
		case e.Outcome != Unhealed && others > 0:
			kept = append(kept, e)
			others--
		}
	}
	return kept
}

// Flush writes the record to the store, as far as the level asks for it, and
// the requests beside it. The zero Store takes nothing and complains about
// nothing.
func (r *Recorder) Flush(store Store, level Level, exit int) error {
	if r == nil || level == Off || store.Dir() == "" {
		return nil
	}
	inv := r.Invocation(exit)
	if level == Failures && !inv.Met() {
		return nil
	}
	requests := r.Requests()
	if len(requests) == 0 {
		return store.Append(inv)
	}
	inv.ID = newID(r.start, os.Getpid())
	if err := store.Append(inv); err != nil {
		return err
	}
	return store.writeRequests(inv.ID, requests)
}

// Lost is the wall-clock time that events of one invocation cost: several that waited
// side by side count once. Whoever tells of time lost asks here.
func Lost(events []Event) time.Duration {
	if len(events) == 0 {
		return 0
	}
	zero := events[0].Time
	return Union(events, func(e Event) (from, to time.Duration) {
		to = e.Time.Sub(zero)
		return to - e.Wait, to
	})
}

// tally counts things and lists them, most frequent first, then by name.
type tally[K cmp.Ordered] map[K]int

func (t tally[K]) ordered() []K {
	keys := make([]K, 0, len(t))
	for k := range t {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(a, b))
	})
	return keys
}
