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
	suspects modcache.Suspects
	aside    []*modcache.Aside // clones set aside, until it is known whether that helped
}

func (s *session) newHealer() *healer {
	return &healer{s: s, tried: map[deed]bool{}}
}

// again gathers evidence after a failed run, acts on it, and reports whether
// the command is to be run again.
func (h *healer) again(e ending, r *run) bool {
	text := r.err.sink().text()
	if r.out != r.err {
		text += r.out.sink().text()
	}
	ev := h.gather(text, r.stalled)
	for e.signal == nil && h.s.mayRepeat(r) {
		st := decide(ev, h.s.policy.Retry)
		h.s.say.debugf("met %d failures, next: %s after %v", len(ev.met), st.deed, st.wait)
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
		if st.deed == doWait || h.s.sig.asked() {
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
	case r.userCode || r.err.sink().visibleSpill():
		return false
	case r.out == nil:
		return s.plan.Inv.Repeatable()
	}
	return !r.out.sink().visible() && !s.plan.Inv.RunsTools()
}

// gather reads what the run has left: the relay's record, and what go printed.
func (h *healer) gather(text string, stalled bool) evidence {
	ev := evidence{relay: h.s.relay != nil, isolated: h.s.isolated, waits: h.waits, repairs: h.repairs, tried: h.tried, waited: h.waited}
	ev.hurried = ev.relay && h.s.relay.Hurried()
	relayed := h.relayFailures()
	failures := classify.Live(text)
	if stalled {
		failures = append([]classify.Failure{stallFailure(h.s.policy.Timeouts.Stall)}, failures...)
	}
	for _, f := range failures {
		if f.Class == classify.NotFetch || !h.s.mayHaveMet(f) {
			continue
		}
		same := func(r relay.Failure) bool { return sameFailure(r, f) }
		ev.met = append(ev.met, found{
			Failure:  f,
			decision: h.s.policy.Decide(f, f.Module, h.s.ci),
			relayed:  slices.ContainsFunc(relayed, same),
			costly:   slices.ContainsFunc(relayed, func(r relay.Failure) bool { return same(r) && costly(r) }),
		})
	}
	h.last = ev.met
	if cache := h.s.cache(); cache != nil && !h.s.plan.Inv.ReportsDamage() {
		h.suspects = cache.Suspects(text, h.s.sums())
		h.suspects.Since = h.begun
		ev.suspects, ev.clones = !h.suspects.Empty(), len(h.suspects.Clones) > 0
	}
	return ev
}

// mayHaveMet reports whether anything was asked for that can have failed like this.
// Texts deceive: what the user wrote in a file may read like a failed fetch when go
// complains of that file.
func (s *session) mayHaveMet(f classify.Failure) bool {
	if s.relay == nil || s.relay.Used() {
		return true
	}
	switch f.Class {
	case classify.DNS, classify.Connect, classify.Timeout, classify.Reset, classify.Truncated, classify.HTTP2,
		classify.TLSHandshake, classify.ServerError, classify.RateLimited, classify.BadContent:
		if f.Module == "" {
			return f.Host != ""
		}
		return s.plan.Settings.NoProxy(f.Module) || !strings.HasPrefix(s.plan.Settings.Get("GOPROXY"), "http") // asked without us
	}
	return true
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
	return slices.ContainsFunc(h.last, func(f found) bool { return f.Class != classify.Configuration })
}

// answered reports whether all that failed in the last run is what an upstream
// says, and will say again at once.
func (h *healer) answered() bool {
	final := []classify.Class{classify.NotFound, classify.Gone, classify.Unauthorized, classify.Forbidden}
	return h.fetchFailed() && !slices.ContainsFunc(h.last, func(f found) bool {
		return f.Class != classify.Configuration && !(f.relayed && slices.Contains(final, f.Class))
	})
}

// sameFailure reports whether the relay's failure is the one that go printed. Some
// texts name neither module nor host ("zip: checksum error"): then the class
// tells, because the relay has done for it all that asking again can do.
func sameFailure(r relay.Failure, f classify.Failure) bool {
	switch {
	case (r.Class == classify.NotFound || r.Class == classify.Gone) && f.Transient && f.Class == classify.VCSNetwork:
		return false // go went on to direct, and there git failed
	case r.Module != "" && f.Module != "":
		return r.Module == f.Module
	case f.Module == "" && f.Host == "":
		return r.Class == f.Class
	}
	return r.Host != "" && hostname(r.Host) == hostname(f.Host)
}

// manyBytes is the size above which content is not asked for with one more run that
// the relay has found damaged each time. A toolchain has 70 MB; few modules have this
// much.
const manyBytes = 8 << 20

// costly reports whether asking for what the relay found damaged would cost more than
// it may give.
func costly(r relay.Failure) bool {
	return r.Size > manyBytes && (r.Class == classify.BadContent || r.Class == classify.Checksum)
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
		h.waits++
		h.waited += st.wait
		return h.s.pause(st.wait, st.failure)
	case doRepair:
		h.repairs++
		healing := h.s.repair(h.suspects)
		h.aside = append(h.aside, healing.Clones...)
		return healing.Healed()
	case doRecheck:
		h.s.relay.Suspect()
		return true
	case doWaitLonger:
		h.s.relay.Patiently()
		h.s.say.wait(`nobody has it: asking once more, and waiting longer for those before "|"`)
		return true
	case doDirect, doVendor, doWipe:
		return h.s.resort(st.deed, st.failure)
	}
	return false
}

// settle writes down how the command ended: what was done counts as healing
// only if it helped.
func (h *healer) settle(ok bool) {
	h.settleClones()
	for _, e := range h.done {
		if !ok {
			e.Outcome = journal.Noted
		}
		h.s.rec.Add(e)
	}
	if ok {
		return
	}
	for _, f := range h.last {
		if !f.relayed { // the relay records its own
			h.s.rec.Add(h.event(f.Failure, journal.Unhealed, "", 0))
		}
	}
}

// settleClones puts the clones back that were set aside, or removes them where go
// has made others that are of use.
func (h *healer) settleClones() {
	ctx := context.Background() // also after an interrupt: nothing may stay aside
	for _, a := range h.aside {
		if err := a.Settle(ctx); err != nil {
			h.s.say.debugf("clone %s: %v", a.Dir, err)
		}
	}
}

func (h *healer) event(f classify.Failure, o journal.Outcome, action string, lost time.Duration) journal.Event {
	return journal.Event{
		Outcome: o, Class: f.Class, Module: f.Module, Version: f.Version, Upstream: f.Host,
		Action: action, Wait: lost, Text: strings.TrimSpace(f.Evidence),
	}
}

// pause waits, and says so if it is long. A signal that asks us to end ends
// the wait, and then nothing is run again.
func (s *session) pause(d time.Duration, f classify.Failure) bool {
	if d > waitingLine {
		s.say.wait(strings.TrimSpace("waiting " + journal.Duration(d) + " before trying again: " + string(f.Class) + " " + f.Host))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.sig.interrupted:
		return false
	}
}

// waitingLine is how long a wait may be before one line says what for.
const waitingLine = 5 * time.Second

// context ends when we are asked to end.
func (s *session) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-s.sig.interrupted:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
