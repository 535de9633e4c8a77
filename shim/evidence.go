package shim

import (
	"net"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/policy"
)

// gather collects what is known after a failed run: what was seen, and what go printed
// of it.
func (s *session) gather(o outcome) evidence {
	text := o.io.Text()
	ev := evidence{
		relay: s.relay != nil, noLoopback: s.noLoopback, refused: s.refused(),
		goproxy: s.plan.Settings.Get("GOPROXY"), vendored: s.vendored(),
	}
	seen := sight{met: o.relayed}
	seen.clones = sync.OnceValue(func() bool { return s.sawClone(text, o.begun) })
	if o.stalled {
		f := stalledGit(s.policy.Timeouts.Stall)
		ev.met = append(ev.met, finding{Failure: f, decision: s.decision(f), without: s.without(f), witness: gitRan})
	}
	for _, f := range classify.Live(text) {
		if f = s.interpreted(f, seen); f.Class == classify.NotFetch {
			continue
		}
		if met := s.finding(f, seen); met.witness != 0 || !f.Transient {
			ev.met = append(ev.met, met) // what nobody has seen may still be explained
		}
	}
	if ev.relay {
		ev.gaveUpEarly, ev.denied = s.relay.GaveUpEarly(), s.relay.Denied()
		s.addUnworded(&ev, seen.met)
		s.addContent(&ev, seen.met)
		ev.came = s.came(ev.met, seen.met)
	}
	s.addSuspects(&ev, text, o.begun)
	return ev
}

// refused reports whether an upstream said no.
func (s *session) refused() bool {
	return slices.ContainsFunc(s.unhealed(), func(f relay.Failure) bool {
		return f.Class == classify.Unauthorized || f.Class == classify.Forbidden
	})
}

// vendored reports whether there is a vendor directory to turn to.
func (s *session) vendored() bool {
	w := s.plan.Workspace()
	if w == nil {
		return false
	}
	fi, err := os.Stat(filepath.Join(w.Root(), "vendor", "modules.txt"))
	return err == nil && !fi.IsDir()
}

func (s *session) decision(f classify.Failure) policy.Decision {
	return s.policy.Decide(f, f.Module, s.ci)
}

// without is the same without the repository's file.
func (s *session) without(f classify.Failure) *without {
	if s.bound == nil {
		return nil
	}
	d, retry, _ := s.bound.Without(f, f.Module, s.ci)
	return &without{d, retry}
}

// finding is what is known of one failure that go has printed.
func (s *session) finding(f classify.Failure, seen sight) finding {
	same := func(r relay.Failure) bool { return sameFailure(r, f) }
	met := finding{
		Failure:  f,
		decision: s.decision(f),
		without:  s.without(f),
		witness:  s.witnessed(f, seen),
		relayed:  slices.ContainsFunc(seen.met, same),
		costly:   slices.ContainsFunc(seen.met, func(r relay.Failure) bool { return same(r) && costly(r) }),
	}
	if unread(s.relay, f) {
		met.witness, met.costly = met.witness|relayMet, true
	}
	return met
}

// addUnworded adds what the relay answered go with, and go got nowhere else, although
// nothing that go printed was understood to tell of it. That a version is missing is
// no failure by itself: go asks for guesses.
func (s *session) addUnworded(ev *evidence, met []relay.Failure) {
	for _, r := range met {
		told := slices.ContainsFunc(ev.met, func(f finding) bool { return sameFailure(r, f.Failure) })
		if told || r.Class == classify.NotFound || r.Class == classify.Gone || s.relay.Got(r) {
			continue
		}
		f := r.Failure
		f.Evidence = r.Text
		ev.met = append(ev.met, finding{Failure: f, decision: s.decision(f), witness: relayMet, relayed: true, costly: costly(r)})
	}
}

// addContent notes what the relay gave go unproven and go did not accept, whatever go
// says of it: often no more than "unexpected EOF". Where the checksum database failed,
// or go.sum cannot be read, go accepts nothing.
func (s *session) addContent(ev *evidence, met []relay.Failure) {
	unproven := slices.ContainsFunc(met, func(r relay.Failure) bool { return r.File == "lookup" || r.File == "tile" })
	if s.cache() == nil || unproven || slices.ContainsFunc(ev.met, func(f finding) bool { return ofDatabase(f.Class) }) {
		return
	}
	if r, ok := s.relay.Rejected(); ok && s.decision(r.Failure).Has(policy.ActRetry) && s.sumsReadable() {
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
func (s *session) came(failed []finding, met []relay.Failure) bool {
	for _, f := range failed {
		same := func(r relay.Failure) bool { return sameFailure(r, f.Failure) }
		late := func(r relay.Failure) bool { return same(r) && !s.relay.Came(r) }
		if !f.relayed || !f.Transient || !f.decision.Has(policy.ActRetry) || slices.ContainsFunc(met, late) {
			return false
		}
	}
	return len(failed) > 0
}

// addSuspects looks for what is worth verifying in the module cache.
func (s *session) addSuspects(ev *evidence, text string, begun time.Time) {
	cache := s.cache()
	if cache == nil || s.plan.Inv.ReportsDamage() {
		return
	}
	ev.suspects = cache.Suspects(text, s.gosum.sums())
	ev.suspects.Since = begun
	if ev.suspects.Empty() {
		return
	}
	for i := range ev.met {
		if f := &ev.met[i]; f.witness == 0 && witnesses[f.Class]&fileWrong != 0 && f.lastResort() && s.proven(ev.suspects) {
			f.witness = fileWrong
		}
	}
}

// proven reports whether verifying finds a suspect damaged. It reads all of them, which
// a repair does by itself.
func (s *session) proven(suspects modcache.Suspects) bool {
	return len(s.cache().Find(s.sig.Context(), suspects, s.gosum.sums())) > 0
}

// stalledGit is what a run counts as in which a git was ended that hung.
func stalledGit(stall time.Duration) classify.Failure {
	return classify.Failure{
		Class: classify.VCSNetwork, Transient: true,
		Evidence: "git made no progress for " + stall.String(),
		Advice:   "check that the repository's host answers: git ls-remote URL",
	}
}

// fetchFailed reports whether a run failed for want of something that had to be fetched.
func (ev *evidence) fetchFailed() bool {
	return slices.ContainsFunc(ev.met, func(f finding) bool { return f.witness != 0 })
}

// answered reports whether all that failed in a run is what an upstream says, and will
// say again at once.
func (ev *evidence) answered() bool {
	final := []classify.Class{classify.NotFound, classify.Gone, classify.Unauthorized, classify.Forbidden}
	return ev.fetchFailed() && !slices.ContainsFunc(ev.met, func(f finding) bool {
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

// suspicious reports whether a line of the child's looks like a fetch failure
// or like damage in the module cache, from which on lines are held until it is
// known whether they can be healed. A line that deceives costs nothing but that
// delay.
func (s *session) suspicious(line []byte) bool {
	pkg, compiled := classify.Header(line)
	switch {
	case classify.HintsAtCache(line):
		return true
	case compiled:
		return s.isForeign(pkg)
	case !s.plan.Inv.Bool("x") && classify.InExtracted(line):
		return true
	case s.relay != nil && classify.IsError(strings.TrimSpace(string(line))) && s.relay.Unproven():
		return true // go may mean what the relay gave it unproven
	}
	for _, f := range classify.Live(string(line)) {
		if f.Class != classify.NotFetch {
			return true
		}
	}
	return false
}

// isForeign reports whether a package that failed to compile belongs to a module of
// go.sum: code that was right when it was published rarely breaks but by damage.
func (s *session) isForeign(pkg string) bool {
	foreign := s.gosum.paths()
	for p := pkg; p != "." && p != "/"; p = path.Dir(p) {
		if foreign[p] {
			return true
		}
	}
	return false
}
