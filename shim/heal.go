package shim

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"golang.org/x/mod/module"
)

// heal runs a command, and runs it again as often as evidence and policy allow. It
// returns how that ended.
func (s *session) heal(r run) outcome {
	if s.mayWriteSums() {
		s.gosum.before()
	}
	var h history
	for {
		s.instruct(h, r)
		o := s.execute(r)
		if o.unread {
			s.finishClones(h)
			s.dieUnread()
		}
		if o.ending.OK() && !s.reported(o) {
			s.finish(h, true)
			return s.flush(o)
		}
		o.sums = s.added()
		h = append(h, o)
		next, again := s.next(h)
		if !again || !s.forget(o.sums) {
			s.finish(h, false)
			return s.giveUp(*h.last())
		}
		o.io.Drop()
		h.last().sums = nil // large, and of no more use
		r = next
	}
}

// instruct tells the relay what a run asks of it that the one before it did not.
func (s *session) instruct(h history, r run) {
	var before run
	switch {
	case s.relay == nil:
		return
	case len(h) > 0:
		before = h.last().run
	}
	if r.verify && !before.verify {
		s.relay.Suspect()
	}
	if r.patient && !before.patient {
		s.relay.Patiently()
	}
	if r.memory {
		s.relay.FromMemory()
	}
	if len(h) > 0 {
		s.relay.Again()
	}
}

// next gathers evidence after a failed run, acts on it, and returns the run that
// follows, if there is one.
func (s *session) next(h history) (run, bool) {
	last := h.last()
	if s.sig.Asked() {
		if len(h) > 1 {
			last.met = h[len(h)-2].met // it was to heal those
		}
		return run{}, false
	}
	last.evidence = s.gather(*last)
	for s.mayRepeat(*last) {
		st := decide(h, s.policy.Retry)
		s.print.Debugf("met %d failures, next: %s after %v", len(last.met), st.action, st.wait)
		if st.action == actNone {
			return run{}, false
		}
		st = s.act(h, st)
		last.steps = append(last.steps, st)
		if st.done {
			return st.next, true
		}
		if st.action == actWait || s.sig.Asked() {
			return run{}, false
		}
	}
	return run{}, false
}

// giveUp ends a run that will not be repeated. A warming run's output is dropped, since
// the real run reports the error.
func (s *session) giveUp(o outcome) outcome {
	o.tainted = o.mode == warming && !s.forget(o.sums)
	o = s.flush(o)
	if !o.ending.OK() && o.mode != warming && !s.sig.Asked() {
		s.advise(o.met)
	}
	return o
}

// act does what a step says, and returns it with what came of that.
func (s *session) act(h history, st step) step {
	st.began = time.Now()
	switch st.action {
	case actWait:
		st = s.pause(h, st)
	case actRepair:
		healing := s.repair(h.last().suspects, h.last().env)
		st.done, st.quarantine = healing.Healed(), healing.Clones
	case actCarry:
		st.done = s.relay.CarryAnyway(s.sig.Context(), module.Version{Path: st.failure.Module, Version: st.failure.Version})
	case actPurgeAll:
		st.done = s.execute(run{args: []string{"clean", "-modcache"}, env: h.last().env, mode: warming}).ending.OK()
	case actWaitLonger:
		s.print.Wait(`no proxy has it; retrying with longer timeouts for the entries before "|"`)
		st.began = h.last().begun // the whole run was in vain
		st.done = true
	default: // what differs is in the next run
		st.done = true
	}
	st.took = time.Since(st.began)
	return st
}

// tellAgain is how often one line says that something is waited for.
const tellAgain = time.Minute

// waitingLine is how long a wait may be before one line says what for.
const waitingLine = 5 * time.Second

// pause waits, and says so if it is long. A signal that asks us to end ends the wait.
func (s *session) pause(h history, st step) step {
	if !s.bound.Spend(st.began.Add(st.wait-st.extra), st.began.Add(st.wait)) {
		s.print.Debugf("the repository's policy has had its minute")
		return st
	}
	lately := func(old step) bool { return old.told && st.began.Sub(old.began) < tellAgain }
	if st.told = st.wait > waitingLine && !slices.ContainsFunc(h.steps(), lately); st.told {
		s.print.Wait(strings.TrimSpace("waiting " + journal.Duration(st.wait) + " before trying again: " + string(st.failure.Class) + " " + st.failure.Host))
	}
	t := time.NewTimer(st.wait)
	defer t.Stop()
	select {
	case <-t.C:
		st.done = true
	case <-s.sig.Context().Done():
	}
	return st
}

// finish writes down how the command ended: what was done counts as healing only if it
// helped. h is the runs that failed.
func (s *session) finish(h history, ok bool) {
	s.finishClones(h)
	for _, st := range h.steps() {
		if !st.done || st.action == actRecheck && s.relayHealed(st.failure) {
			continue
		}
		e := event(st.failure, journal.Healed)
		if !ok {
			e.Outcome = journal.Noted
		}
		e.Action, e.Time, e.Wait = st.action.String(), st.began.Add(st.took), st.took
		s.rec.Add(e)
	}
	if ok {
		return
	}
	for _, f := range h.last().met {
		if !f.relayed { // the relay records its own
			e := event(f.Failure, journal.Unhealed)
			e.Attempts, e.Paused = h.times(actWait)+1, h.waited()
			s.rec.Add(e)
		}
	}
}

func event(f classify.Failure, o journal.Outcome) journal.Event {
	return journal.Event{
		Outcome: o, Class: f.Class, Module: f.Module, Version: f.Version, Upstream: f.Host,
		Time: time.Now(), Text: strings.TrimSpace(f.Evidence),
	}
}

// relayHealed reports whether the relay has told already that a module came right after
// all: it knows from where.
func (s *session) relayHealed(f classify.Failure) bool {
	return f.Module != "" && slices.ContainsFunc(s.rec.Events(), func(old journal.Event) bool {
		return old.Outcome == journal.Healed && old.Module == f.Module && old.Version == f.Version
	})
}

// finishClones puts the clones back that were set aside, or removes them where go
// has made others that are of use.
func (s *session) finishClones(h history) {
	ctx := context.Background() // also after an interrupt: nothing may stay aside
	for _, st := range h.steps() {
		for _, q := range st.quarantine {
			if err := q.Finish(ctx); err != nil {
				s.print.Debugf("clone %s: %v", q.Dir, err)
			}
		}
	}
}
