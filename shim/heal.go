package shim

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/shim/proc"
	"golang.org/x/mod/module"
)

// A healer remembers, over the runs of one command, what was met and what was
// done about it.
type healer struct {
	s        *session
	waits    int
	repairs  int
	tried    map[deed]bool
	waited   time.Duration
	seen     int // failures of the relay that belong to earlier runs
	done     []journal.Event
	last     []found   // of the last run
	begun    time.Time // the last run
	told     time.Time // when a wait was last told
	failed   time.Time // when the first run ended that failed; zero: none has
	suspects modcache.Suspects
	aside    []*modcache.Aside // clones set aside, until it is known whether that helped
}

func (s *session) newHealer() *healer {
	return &healer{s: s, tried: map[deed]bool{}}
}

// again gathers evidence after a failed run, acts on it, and reports whether
// the command is to be run again.
func (h *healer) again(e proc.Ending, r *run) bool {
	ev := h.gather(r.io.Text(), r.stalled)
	for e.Signal == nil && h.s.mayRepeat(r) {
		st := decide(ev, h.s.policy.Retry)
		h.s.print.Debugf("met %d failures, next: %s after %v", len(ev.met), st.deed, st.wait)
		if st.deed == doNothing {
			return false
		}
		begun := time.Now()
		if st.deed == doWaitLonger {
			begun = h.begun // the whole run was in vain
		}
		done := h.act(st)
		h.tried[st.deed] = true
		if done {
			h.done = append(h.done, h.event(st.failure, journal.Healed, st.deed.String(), time.Since(begun)))
			return true
		}
		if st.deed == doWait || h.s.sig.Asked() {
			return false
		}
		ev.suspects = false // nothing was proven bad: on to the next deed
	}
	return false
}

// mayRepeat is the re-execution rule: none of the user's code ran, and nothing
// was written that anyone could have read.
func (s *session) mayRepeat(r *run) bool {
	switch {
	case r.discard:
		return true
	case r.userCode || r.io.Err.Overflowed():
		return false
	case r.io.Out == nil:
		return s.plan.Inv.Repeatable()
	}
	return !r.io.Out.Visible() && !s.plan.Inv.RunsTools()
}

// relayFailures returns what the relay answered with a failure in this run.
func (h *healer) relayFailures() []relay.Failure {
	if h.s.relay == nil {
		return nil
	}
	all := h.s.relay.Unhealed()
	recent := all[min(h.seen, len(all)):]
	h.seen = len(all)
	return recent
}

// fetchFailed reports whether the last run failed for want of something that
// had to be fetched.
func (h *healer) fetchFailed() bool {
	return slices.ContainsFunc(h.last, func(f found) bool { return f.witness != 0 })
}

// answered reports whether all that failed in the last run is what an upstream
// says, and will say again at once.
func (h *healer) answered() bool {
	final := []classify.Class{classify.NotFound, classify.Gone, classify.Unauthorized, classify.Forbidden}
	return h.fetchFailed() && !slices.ContainsFunc(h.last, func(f found) bool {
		return f.witness != 0 && !(f.relayed && slices.Contains(final, f.Class))
	})
}

// sameFailure reports whether the relay's failure is the one that go printed. Some
// texts name neither module nor host ("zip: checksum error"): then the class
// tells, because the relay has done for it all that asking again can do.
func sameFailure(r relay.Failure, f classify.Failure) bool {
	switch {
	case f.Class == classify.VCSNetwork || f.Class == classify.VCSAuth || f.Class == classify.VCSMissing:
		return false // go went on to direct, and there git failed
	case r.Class != f.Class && ofOrigin(f) && hostname(r.Host) != hostname(f.Host):
		return false // there the page at the import path failed
	case r.Module != "" && f.Module != "":
		return r.Module == f.Module
	case f.Module == "" && f.Host == "":
		return r.Class == f.Class
	}
	return r.Host != "" && hostname(r.Host) == hostname(f.Host)
}

// ofOrigin reports whether the host that failed is the module's own.
func ofOrigin(f classify.Failure) bool {
	return f.Host != "" && f.Module != "" && within(f.Module, hostname(f.Host))
}

// manyBytes is the size above which content is not asked for with one more run that
// the relay has found damaged each time. A toolchain has 70 MB; few modules have this
// much.
const manyBytes = 8 << 20

// costly reports whether asking for what the relay found damaged would cost more than
// it may give.
func costly(r relay.Failure) bool {
	return (r.Stored || r.Size > manyBytes) && (r.Class == classify.BadContent || r.Class == classify.Checksum)
}

// unread reports whether a failure is go's word on a zip that has too many files for
// the relay to look at. It can only hand it out once more.
func unread(r *relay.Relay, f classify.Failure) bool {
	return r != nil && r.Unread() && (f.Class == classify.BadContent || f.Class == classify.Checksum)
}

// hostname is a host without its port, which the texts of go do not always have.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// act does what a step says and reports whether it was done.
func (h *healer) act(st step) bool {
	switch st.deed {
	case doWait:
		now := time.Now()
		if !h.s.bound.Spend(now.Add(st.wait-st.extra), now.Add(st.wait)) {
			h.s.print.Debugf("the repository's policy has had its minute")
			return false
		}
		h.waits++
		h.waited += st.wait
		return h.pause(st.wait, st.failure)
	case doRepair:
		h.repairs++
		healing := h.s.repair(h.suspects)
		h.aside = append(h.aside, healing.Clones...)
		return healing.Healed()
	case doTake:
		return true
	case doRecheck:
		h.s.relay.Suspect()
		return true
	case doWaitLonger:
		h.s.relay.Patiently()
		h.s.print.Wait(`no proxy has it; retrying with longer timeouts for the entries before "|"`)
		return true
	case doCarry:
		return h.carry(st.failure)
	case doDirect, doVendor, doWipe:
		return h.s.resort(st.deed, st.failure)
	}
	return false
}

// carry looks for a proxy that has the checksum database's record of what failed.
func (h *healer) carry(f classify.Failure) bool {
	return h.s.relay.CarryAnyway(h.s.sig.Context(), module.Version{Path: f.Module, Version: f.Version})
}

// settle writes down how the command ended: what was done counts as healing
// only if it helped.
func (h *healer) settle(ok bool) {
	h.settleClones()
	for _, e := range h.done {
		if !ok {
			e.Outcome = journal.Noted
		}
		if e.Action != doRecheck.String() || !h.relayHealed(e) {
			h.s.rec.Add(e)
		}
	}
	if ok {
		return
	}
	for _, f := range h.last {
		if !f.relayed { // the relay records its own
			e := h.event(f.Failure, journal.Unhealed, "", 0)
			e.Attempts, e.Paused = h.waits+1, h.waited
			h.s.rec.Add(e)
		}
	}
}

// relayHealed reports whether the relay has told already that a module came right after
// all: it knows from where.
func (h *healer) relayHealed(e journal.Event) bool {
	return e.Module != "" && slices.ContainsFunc(h.s.rec.Events(), func(old journal.Event) bool {
		return old.Outcome == journal.Healed && old.Module == e.Module && old.Version == e.Version
	})
}

// settleClones puts the clones back that were set aside, or removes them where go
// has made others that are of use.
func (h *healer) settleClones() {
	ctx := context.Background() // also after an interrupt: nothing may stay aside
	for _, a := range h.aside {
		if err := a.Settle(ctx); err != nil {
			h.s.print.Debugf("clone %s: %v", a.Dir, err)
		}
	}
}

func (h *healer) event(f classify.Failure, o journal.Outcome, action string, lost time.Duration) journal.Event {
	return journal.Event{
		Outcome: o, Class: f.Class, Module: f.Module, Version: f.Version, Upstream: f.Host,
		Time: time.Now(), Action: action, Wait: lost, Text: strings.TrimSpace(f.Evidence),
	}
}

// pause waits, and says so if it is long. A signal that asks us to end ends
// the wait, and then nothing is run again.
func (h *healer) pause(d time.Duration, f classify.Failure) bool {
	if now := time.Now(); d > waitingLine && now.Sub(h.told) >= tellAgain {
		h.told = now
		h.s.print.Wait(strings.TrimSpace("waiting " + journal.Duration(d) + " before trying again: " + string(f.Class) + " " + f.Host))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-h.s.sig.Context().Done():
		return false
	}
}

// tellAgain is how often one line says so.
const tellAgain = time.Minute

// waitingLine is how long a wait may be before one line says what for.
const waitingLine = 5 * time.Second
