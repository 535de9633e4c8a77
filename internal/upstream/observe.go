package upstream

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/retry"
)

// An Observer is told what happens, each thing once: a display, a journal and a report
// all read what it keeps. Its methods may be called by several goroutines at once.
type Observer interface {
	// Attempt is told of a request that has ended.
	Attempt(began time.Time, r journal.Request)
	// Event is told of failures that were overcome, and of what else is worth a line.
	Event(journal.Event)
	// Abandoned is told of what had failed when nobody waited for a file any more.
	Abandoned(journal.Event)
	// Waiting is told that somebody waits, and for what, until over is called.
	Waiting(what string) (over func())
	// Say is told a line for a person who waits.
	Say(line string)
	// Received is told of bytes of bodies.
	Received(n int)
}

// Silent is an Observer that keeps nothing; others may embed it.
type Silent struct{}

func (Silent) Attempt(time.Time, journal.Request) {}
func (Silent) Event(journal.Event)                {}
func (Silent) Abandoned(journal.Event)            {}
func (Silent) Waiting(string) (over func())       { return func() {} }
func (Silent) Say(string)                         {}
func (Silent) Received(int)                       {}

// observe tells all who want to know what came of an attempt: the statistics, the limits,
// the observer, and the memory of families of addresses. It reports whether the attempt
// was turned away for the number of requests beside it.
func (f *fetch) observe(ctx context.Context) (turnedAway bool) {
	now, r := f.group.now(), f.result(ctx)
	end := ending{file: f.file != nil, damaged: f.file == nil && f.err.Invalid != nil, cut: r.Cut}
	f.client.stats.ended(end, f.req.Item, now)
	if end.file || f.err.Status > 0 && !f.err.Failure.Transient {
		f.client.retries.Earn()
	}
	if end.file {
		f.wait.Earn()
	}
	if end.cut {
		f.group.offline.heard(now) // there is a network
	}
	turnedAway = f.release(r)
	f.recordAttempt(ctx, now)
	f.noteWay()
	return turnedAway
}

// leastWait is what counts as waiting: anything less is our own work.
const leastWait = time.Millisecond

// A span is what the journal is told of one attempt.
type span struct {
	wanted time.Time // when there was nothing but waiting left to do
	header time.Time // when the answer began; zero: it did not
	second time.Time // when it was started once more; zero: it was not
	rest   bool      // the rest of a body is asked for
	had    int64     // bytes of it that are here
}

// nextSpan begins an attempt.
func (f *fetch) nextSpan() {
	f.span = span{wanted: f.span.wanted}
	if f.resume != nil {
		f.span.rest, f.span.had = true, f.body.Size()
	}
}

// recordAttempt records the attempt that has just ended, and its second start. Of
// two starts the one that did not answer first is given up at that moment.
func (f *fetch) recordAttempt(ctx context.Context, now time.Time) {
	m := f.req.Item.Mod
	first := journal.Request{
		Upstream: f.client.Host(), Module: m.Path, Version: m.Version, File: string(f.req.Item.Kind),
		Reason: f.reason(), Attempt: f.tries,
	}
	if wait := f.tried.Sub(f.span.wanted); wait >= leastWait {
		first.Wait = wait
	}
	f.span.wanted = now
	if f.span.second.IsZero() {
		f.record(ctx, f.tried, now, first)
		return
	}
	second := first
	second.Reason, second.Wait = journal.Hedge, 0
	heard := now
	if !f.span.header.IsZero() {
		heard = f.span.header
	}
	if f.wasHedge {
		f.overtaken(f.tried, heard, first)
		f.record(ctx, f.span.second, now, second)
	} else {
		f.record(ctx, f.tried, now, first)
		f.overtaken(f.span.second, heard, second)
	}
}

// overtaken records a start that another one has made needless.
func (f *fetch) overtaken(began, end time.Time, r journal.Request) {
	r.Took, r.Dropped = end.Sub(began), true
	f.group.config.Observer.Attempt(began, r)
}

// record records a request with what came of it.
func (f *fetch) record(ctx context.Context, began, end time.Time, r journal.Request) {
	r.Took = end.Sub(began)
	if !f.span.header.IsZero() {
		r.Header = f.span.header.Sub(began)
	}
	switch {
	case f.file != nil || f.err.InBody || f.err.Invalid != nil:
		r.Status, r.Bytes = http.StatusOK, f.body.Size()
		if f.resumed {
			r.Status, r.Bytes = http.StatusPartialContent, f.body.Size()-f.span.had
		}
	default:
		r.Status, r.Bytes = f.err.Status, int64(len(f.err.Detail))
	}
	switch {
	case f.file != nil:
	case ctx.Err() != nil:
		r.Dropped = true
	default:
		r.Class = f.err.Failure.Class
	}
	f.group.config.Observer.Attempt(began, r)
}

func (f *fetch) reason() journal.Reason {
	switch {
	case f.span.rest:
		return journal.Resume
	case f.tries > 1:
		return journal.Retry
	}
	return cmp.Or(f.req.Reason, journal.Asked)
}

// report tells what a fetch met and overcame. That there is no such thing is an answer,
// too, and where go goes on with it, one that it would not have had.
func (f *fetch) report(err error) {
	met := f.failures
	if err != nil {
		if e := asError(err); e == nil || !retry.IsMissing(e.Failure.Class) {
			return
		}
		met = slices.DeleteFunc(slices.Clone(met), func(f classify.Failure) bool { return retry.IsMissing(f.Class) })
	}
	// What was lost ends where the attempt begins that succeeded.
	e := f.event()
	e.Time, e.Outcome, e.Action, e.Wait = f.tried, journal.Healed, "retry", f.tried.Sub(f.began)
	if f.wasHedge {
		f.tellHedge(e)
	}
	if len(met) == 0 {
		return
	}
	if f.resumed {
		e.Action = "resume"
	}
	last := met[len(met)-1]
	e.Class, e.Upstream = last.Class, cmp.Or(last.Host, e.Upstream)
	f.group.config.Observer.Event(e)
}

func (f *fetch) event() journal.Event {
	m := f.req.Item.Mod
	return journal.Event{
		Module: m.Path, Version: m.Version, Upstream: f.client.Host(), File: string(f.req.Item.Kind),
		Attempts: f.tries, Text: f.trouble,
	}
}

// tellHedge tells of a second start that answered first. That is no failure, since the
// first one was given up and not refused, but its time was lost.
func (f *fetch) tellHedge(e journal.Event) {
	e.Outcome, e.Class, e.Action = journal.Noted, classify.Timeout, "hedge"
	e.Time, e.Wait, e.Attempts = f.span.second, f.span.second.Sub(f.tried), 2
	e.Text = "no answer after " + journal.Duration(e.Wait) + ", and a second request was answered first"
	f.group.config.Observer.Event(e)
}

// abandon tells of a fetch that nobody waits for any more.
func (f *fetch) abandon() {
	if len(f.failures) == 0 {
		return
	}
	last, e := f.failures[len(f.failures)-1], f.event()
	e.Outcome, e.Class, e.Action, e.Wait = journal.Unhealed, last.Class, journal.Interrupted, f.group.now().Sub(f.began)
	e.Module, e.Version, e.Upstream = last.Module, last.Version, last.Host
	f.group.config.Observer.Abandoned(e)
}

// tellAfter is the wait that people are told about.
const tellAfter = 5 * time.Second

// tell says what is being waited for, before a wait that takes it beyond five
// seconds.
func (f *fetch) tell() {
	began := f.began
	if f.next.Patient {
		began = f.wait.PatientSince(began)
	}
	if f.group.now().Add(f.next.Wait).Sub(began) > tellAfter {
		f.say(f.err.Failure.Host, fmt.Sprintf("%s, try %d", f.err.Failure.Class, f.tries+1))
	}
}

// silence returns what says that an attempt is waited for which gets no answer, or no
// more of it. It may be called at any time.
func (f *fetch) silence(why string) func() {
	host, tries := f.client.Host(), f.tries
	return func() { f.say(host, fmt.Sprintf("%s, try %d", why, tries)) }
}

func (f *fetch) say(host, why string) {
	f.group.config.Observer.Say(fmt.Sprintf(console.Prefix+"waiting for %s from %s (%s); interrupt to give up", f.subject(), host, why))
}

// waiting is what is waited for, and why.
func (f *fetch) waiting() string {
	if f.err == nil {
		return f.subject()
	}
	return f.subject() + " (" + string(f.err.Failure.Class) + ")"
}

// subject names the item for people.
func (f *fetch) subject() string {
	switch m := f.req.Item.Mod; {
	case m.Path == "":
		return "the checksum database"
	case m.Version == "":
		return m.Path
	default:
		return m.Path + "@" + m.Version
	}
}
