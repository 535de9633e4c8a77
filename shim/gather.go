package shim

import (
	"slices"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/policy"
)

// gather collects what is known after a run: what was seen, and what go printed of it.
func (h *healer) gather(text string, stalled bool) evidence {
	if h.failed.IsZero() {
		h.failed = time.Now()
	}
	ev := evidence{
		relay: h.s.relay != nil, isolated: h.s.isolated, waits: h.waits, repairs: h.repairs,
		tried: h.tried, waited: h.waited, took: time.Since(h.begun), patient: time.Since(h.failed),
	}
	seen := sight{met: h.relayFailures()}
	seen.clones = sync.OnceValue(func() bool { return h.s.sawClone(text, h.begun) })
	if stalled {
		f := stalledGit(h.s.policy.Timeouts.Stall)
		ev.met = append(ev.met, found{Failure: f, decision: h.decision(f), without: h.without(f), witness: gitRan})
	}
	for _, f := range classify.Live(text) {
		if f = h.s.interpreted(f, seen); f.Class == classify.NotFetch {
			continue
		}
		if met := h.found(f, seen); met.witness != 0 || !f.Transient {
			ev.met = append(ev.met, met) // what nobody has seen may still be explained
		}
	}
	if ev.relay {
		ev.hurried, ev.denied = h.s.relay.Hurried(), h.s.relay.Denied()
		h.addUnworded(&ev, seen.met)
		h.addContent(&ev, seen.met)
		ev.came = h.came(ev.met, seen.met)
	}
	h.last = ev.met
	h.addSuspects(&ev, text)
	return ev
}

func (h *healer) decision(f classify.Failure) policy.Decision {
	return h.s.policy.Decide(f, f.Module, h.s.ci)
}

// without is the same without the repository's file.
func (h *healer) without(f classify.Failure) *without {
	if h.s.bound == nil {
		return nil
	}
	d, retry, _ := h.s.bound.Without(f, f.Module, h.s.ci)
	return &without{d, retry}
}

// found is what is known of one failure that go has printed.
func (h *healer) found(f classify.Failure, seen sight) found {
	same := func(r relay.Failure) bool { return sameFailure(r, f) }
	met := found{
		Failure:  f,
		decision: h.decision(f),
		without:  h.without(f),
		witness:  h.s.witnessed(f, seen),
		relayed:  slices.ContainsFunc(seen.met, same),
		costly:   slices.ContainsFunc(seen.met, func(r relay.Failure) bool { return same(r) && costly(r) }),
	}
	if unread(h.s.relay, f) {
		met.witness, met.costly = met.witness|relayMet, true
	}
	return met
}

// addUnworded adds what the relay answered go with, and go got nowhere else, although
// nothing that go printed was understood to tell of it. That a version is missing is
// no failure by itself: go asks for guesses.
func (h *healer) addUnworded(ev *evidence, met []relay.Failure) {
	for _, r := range met {
		told := slices.ContainsFunc(ev.met, func(f found) bool { return sameFailure(r, f.Failure) })
		if told || r.Class == classify.NotFound || r.Class == classify.Gone || h.s.relay.Got(r) {
			continue
		}
		f := r.Failure
		f.Evidence = r.Text
		ev.met = append(ev.met, found{Failure: f, decision: h.decision(f), witness: relayMet, relayed: true, costly: costly(r)})
	}
}

// addContent notes what the relay gave go unproven and go did not accept, whatever go
// says of it: often no more than "unexpected EOF". Where the checksum database failed,
// or go.sum cannot be read, go accepts nothing.
func (h *healer) addContent(ev *evidence, met []relay.Failure) {
	unproven := slices.ContainsFunc(met, func(r relay.Failure) bool { return r.File == "lookup" || r.File == "tile" })
	if h.s.cache() == nil || unproven || slices.ContainsFunc(ev.met, func(f found) bool { return ofDatabase(f.Class) }) {
		return
	}
	if r, ok := h.s.relay.Rejected(); ok && h.decision(r.Failure).Has(policy.ActRetry) && h.s.sumsReadable() {
		ev.rejected = &r.Failure
	}
}

// sumsReadable reports whether go can read what vouches for the modules.
func (s *session) sumsReadable() bool {
	w := s.plan.Workspace()
	if w == nil {
		return true
	}
	_, err := gosum.ReadFiles(w.SumFiles()...)
	return err == nil
}

// came reports whether all that the run failed for is there by now: go was told that it
// is out of reach, and meanwhile it has come.
func (h *healer) came(failed []found, met []relay.Failure) bool {
	for _, f := range failed {
		same := func(r relay.Failure) bool { return sameFailure(r, f.Failure) }
		late := func(r relay.Failure) bool { return same(r) && !h.s.relay.Came(r) }
		if !f.relayed || !f.Transient || !f.decision.Has(policy.ActRetry) || slices.ContainsFunc(met, late) {
			return false
		}
	}
	return len(failed) > 0
}

// addSuspects looks for what is worth verifying in the module cache.
func (h *healer) addSuspects(ev *evidence, text string) {
	cache := h.s.cache()
	if cache == nil || h.s.plan.Inv.ReportsDamage() {
		return
	}
	h.suspects = cache.Suspects(text, h.s.sums())
	h.suspects.Since = h.begun
	ev.suspects, ev.clones = !h.suspects.Empty(), len(h.suspects.Clones) > 0
	for i := range ev.met {
		if f := &ev.met[i]; ev.suspects && f.witness == 0 && witnesses[f.Class]&fileWrong != 0 && f.lastResort() && h.proven() {
			f.witness = fileWrong
		}
	}
}

// proven reports whether verifying finds a suspect damaged. It reads all of them, which
// a repair does by itself.
func (h *healer) proven() bool {
	return len(h.s.cache().Find(h.s.sig.Context(), h.suspects, h.s.sums())) > 0
}

// stalledGit is what a run counts as in which a git was ended that hung.
func stalledGit(stall time.Duration) classify.Failure {
	return classify.Failure{
		Class: classify.VCSNetwork, Transient: true,
		Evidence: "git made no progress for " + stall.String(),
		Advice:   "check that the repository's host answers: git ls-remote URL",
	}
}
