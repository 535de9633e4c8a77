package relay

import (
	"cmp"
	"sync"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/internal/upstream"
)

// A Failure is a request of go's that was answered with a failure.
type Failure struct {
	classify.Failure
	File     string // "list", "info", "mod", "zip", "latest", "lookup", "tile", …
	Upstream string // URL, redacted
	Text     string // as go words it, redacted
	Size     int64  // of the body that was no good; 0: there was none
	Stored   bool   // the same wrong bytes came twice

	item   modproxy.Item
	at     time.Time
	from   *upstream.Client
	effort upstream.Effort
	known  bool // go.sum names the version
}

// failures are a memory of what failed: for the journal, for the supervisor, and
// for a go command that merely words it. The zero value is an empty one.
type failures struct {
	mu      sync.Mutex              // under it, no lock is taken but that of a body given back
	last    map[key]*upstream.Error // what go was told of an item last, if that is a failure; held
	met     []Failure               // all that go was told of, oldest first
	written int                     // how many of them are in the journal
}

// add remembers what go is told of an item in the place of what it was told
// before. What comes from this memory is nothing new.
func (f *failures) add(k key, e *upstream.Error, met Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.last[k]
	if old == e {
		return
	}
	if f.last == nil {
		f.last = make(map[key]*upstream.Error)
	}
	e.File.Hold()
	f.last[k] = e
	f.met = append(f.met, met)
	old.Release()
}

// overcome notes that go has got an item after all.
func (f *failures) overcome(k key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last[k].Release()
	delete(f.last, k)
}

// recall returns the failure that go was told of last, held for the caller; ok is false
// if there is none.
func (f *failures) recall(k key) (failed prefetch.Result, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if e := f.last[k]; e != nil {
		return prefetch.Result{Err: e}.Hold(), true
	}
	return prefetch.Result{}, false
}

// has reports whether go was told last that an item failed.
func (f *failures) has(k key) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last[k] != nil
}

// list returns all that go was told of.
func (f *failures) list() []Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Failure(nil), f.met...)
}

// unwritten returns what is not yet in the journal, once.
func (f *failures) unwritten() []Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	met := f.met[f.written:]
	f.written = len(f.met)
	return met
}

// forget gives back what is held for recall.
func (f *failures) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.last {
		e.Release()
	}
	clear(f.last)
}

// answered notes what go is about to be told, and has waited for since then.
func (r *Relay) answered(e *endpoint, it modproxy.Item, a prefetch.Result, since time.Time) {
	r.record.answered()
	if it.Mod.Version != "" {
		r.files.requested.add(it.Mod)
	}
	if a.Good() {
		r.modules.paths.add(it.Mod.Path)
		r.files.got(e.index, it, a.File)
		r.failures.overcome(e.key(it))
		return
	}
	url, now, err := e.client.URL(it).Redacted(), r.now(), a.Failure()
	effort := err.Effort
	if waited := now.Sub(since); effort.Tries == 0 && err.Limited && waited > effort.Took {
		effort.Took, effort.Paused = waited, waited // for a fetch that was made ahead, until the upstream was given up
	}
	r.failures.add(e.key(it), err, Failure{
		Failure: err.Failure, File: string(it.Kind), Upstream: url, Text: err.Words(url), Size: a.Size(), Stored: err.Stored,
		item: it, at: now, from: e.client, effort: effort, known: r.config.Sums.Names(it.Mod),
	})
}

// Asked reports whether go has asked for a file of a version, or has looked it up in
// the checksum database.
func (r *Relay) Asked(m module.Version) bool { return r.files.requested.has(m) }

// Unhealed returns what was answered with a failure, oldest first, also where
// go then took the next entry or asked again with success. The list only
// grows, so a caller can tell what a run added.
func (r *Relay) Unhealed() []Failure { return r.failures.list() }

// Got reports whether go has got the file that a failure was about after all: from
// another entry, or by asking again.
func (r *Relay) Got(f Failure) bool { return r.files.had.has(f.item) }

// Came reports whether a file that go was told a failure of is there by now: fetched
// ahead for go, or got by the second one of two go commands. Where nobody could be
// reached, it is enough that the upstream has sent any file since.
func (r *Relay) Came(f Failure) bool {
	return r.Got(f) || r.prefetch.Has(f.item) || f.Unreachable() && f.from.ServedSince(f.at)
}

// flush writes the failures to the journal that go was told of. It waits for
// the end, since only then it is known whether go got the file elsewhere.
func (r *Relay) flush() {
	for _, f := range r.failures.unwritten() {
		ordinary := retry.IsMissing(f.Class) && !f.known
		had, succeeded := r.files.had.has(f.item), r.flags.succeeded.Load()
		outcome, action := journal.Unhealed, ""
		switch {
		case ordinary && (had || succeeded):
			continue // the next entry has it, or it was a guess of go's: all is well
		case ordinary && f.Version == "":
			continue
		case had:
			outcome, action = journal.Noted, "fallback"
		case succeeded:
			outcome = journal.Noted
		}
		r.config.Recorder.Add(journal.Event{
			Time: f.effort.Over(f.at), Outcome: outcome, Class: f.Class, Module: f.Module, Version: f.Version,
			Upstream: f.Host, File: f.File, Action: action, Attempts: f.effort.Tries, Wait: f.effort.Lost(), Paused: f.effort.Paused, Text: f.Text,
		})
	}
}

// healedBy writes a failure at one upstream to the journal that another one healed, and
// gives it back.
func (r *Relay) healedBy(other prefetch.Result, it modproxy.Item, e *upstream.Error) {
	defer e.Release()
	if other.Cancelled() {
		return
	}
	r.config.Recorder.Add(journal.Event{
		Time: e.Over(r.now()), Outcome: journal.Healed, Class: e.Failure.Class, Module: it.Mod.Path, Version: it.Mod.Version,
		Upstream: cmp.Or(e.Failure.Host, e.From.Host()), File: string(it.Kind), Action: "rotate", Attempts: e.Tries, Wait: e.Took,
		Text: e.Words(e.From.URL(it).Redacted()),
	})
}
