package relay

import (
	"slices"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
)

// A Failure is a request of go's that was answered with a failure.
type Failure struct {
	classify.Failure
	File     string // "list", "info", "mod", "zip", "latest", "lookup", "tile", …
	Upstream string // URL, redacted
	Text     string // as go words it, redacted
	Size     int64  // of the body that was no good; 0: there was none
	Stored   bool   // the same wrong bytes came twice

	path string // of the item
	at   time.Time
	up   *upstream
}

// A meeting is a failure that go was told of.
type meeting struct {
	path   string
	at     time.Time
	fail   Failure
	tries  int
	wait   time.Duration // lost to it; 0: it was not tried again
	paused time.Duration // of that, between the tries
	known  bool          // go.sum names the version
}

// failures are a memory of what failed: for the journal, for the supervisor, and
// for a go command that merely words it. The zero value is an empty one.
type failures struct {
	mu      sync.Mutex         // under it, no lock is taken but that of a body given back
	last    map[string]*answer // what go was told of an item last, if that is a failure; by endpoint and path, held
	met     []meeting          // all that go was told of, oldest first
	written int                // how many of them are in the journal
	givenUp []journal.Event    // what had failed, and was waited for when go went
}

// add remembers what go is told of an item in the place of what it was told
// before. What comes from this memory is nothing new.
func (f *failures) add(key string, a *answer, m meeting) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.last[key]
	if old == a {
		return
	}
	if f.last == nil {
		f.last = make(map[string]*answer)
	}
	f.last[key] = a.hold()
	f.met = append(f.met, m)
	if old != nil {
		old.release()
	}
}

// overcome notes that go has got an item after all.
func (f *failures) overcome(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.last[key]; a != nil {
		delete(f.last, key)
		a.release()
	}
}

// recall returns the failure that go was told of last, held for the caller; nil
// if there is none.
func (f *failures) recall(key string) *answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.last[key]; a != nil {
		return a.hold()
	}
	return nil
}

// has reports whether go was told last that an item failed.
func (f *failures) has(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last[key] != nil
}

// list returns all that go was told of.
func (f *failures) list() []Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Failure, len(f.met))
	for i, m := range f.met {
		list[i] = m.fail
	}
	return list
}

// unwritten returns what is not yet in the journal, once.
func (f *failures) unwritten() []meeting {
	f.mu.Lock()
	defer f.mu.Unlock()
	met := f.met[f.written:]
	f.written = len(f.met)
	return met
}

// giveUp keeps what there is to tell of a question that nobody waits for any more.
func (f *failures) giveUp(e journal.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.givenUp = append(f.givenUp, e)
}

// unfinished returns what was given up.
func (f *failures) unfinished() []journal.Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.givenUp)
}

// forget gives back what is held for recall.
func (f *failures) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.last {
		a.release()
	}
	clear(f.last)
}
