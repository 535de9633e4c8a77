package shim

import (
	"os"
	"runtime/debug"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/shim/front"
)

// Go writes the hash of a module to go.sum before the checksum database has vouched
// for it, and leaves it there when the command fails for want of that: plain go is
// run again by a person, who has read why. (modfetch.checkModSum, and WriteGoSum
// where -mod=mod or a workspace lets it write.) What we run again must be checked as
// the first run was. So no line that a failed run of ours has added outlives it,
// unless the run is the one whose result counts.

// mayWriteSums reports whether a failed go command may leave lines in go.sum or
// go.work.sum (modload.mustHaveCompleteRequirements). What others write meanwhile
// cannot be told from that, so it is not looked for without need.
func (s *session) mayWriteSums() bool {
	mod, _ := s.plan.Inv.Flag("mod")
	w := s.plan.Workspace()
	return !s.plan.Inv.AtVersion() && (mod == "mod" || w != nil && w.WorkFile != "")
}

// projectSums are the project's go.sum files, as they were before the first run. They are
// read once: before that run where it may write them, else when somebody needs to know.
type projectSums struct {
	before func() *gosum.Snapshot
	sums   func() *gosum.Sums     // what they vouched for; what cannot be read, go reports itself
	paths  func() map[string]bool // of the modules that they name
}

func sumsOf(plan *front.Plan) (p projectSums) {
	p.before = sync.OnceValue(func() *gosum.Snapshot { return takeSums(plan) })
	p.sums = sync.OnceValue(func() *gosum.Sums { return p.before().Sums() })
	p.paths = sync.OnceValue(func() map[string]bool { return p.sums().Paths() })
	return p
}

func takeSums(plan *front.Plan) *gosum.Snapshot {
	w := plan.Workspace()
	if w == nil {
		return gosum.Take()
	}
	before := gosum.Take(w.SumFiles()...)
	// They are to stay, and an index as large: the collector must not strive against that.
	debug.SetMemoryLimit(memoryGoal + 3*before.Size())
	return before
}

// added returns what the go.sum files are at the end of a run that met a failure; nil
// where it cannot have added anything.
func (s *session) added() *gosum.Snapshot {
	if !s.mayWriteSums() {
		return nil
	}
	return s.gosum.before().Now()
}

// wroteSum says whether a run of ours can have added the lines of a version. Go asks
// the relay for each version that it fetches, and about each that it has but for which
// go.sum has no hash yet. What goes to repositories, or to the checksum database itself,
// is not seen: there a line is another's only if nobody need vouch for it.
func (s *session) wroteSum(m module.Version) gosum.Writer {
	settings := s.plan.Settings
	switch {
	case s.relay != nil && s.relay.Asked(m):
		return gosum.Ours
	case settings.Get("GOSUMDB") == "off" || settings.NoSumDB(m.Path):
		return gosum.Others // ours or not: a run that goes by it trusts no more than the first one did
	case s.relay != nil && s.relay.LookedUp() && !settings.NoProxy(m.Path):
		return gosum.Others
	case s.fetched(m):
		return gosum.Ours
	}
	return gosum.Unknown
}

// fetched reports whether a version has come to the module cache since the first run.
func (s *session) fetched(m module.Version) bool {
	cache := s.cache()
	if cache == nil {
		return false
	}
	file, err := cache.File(m, modcache.Mod)
	if err != nil {
		return false
	}
	fi, err := os.Stat(file)
	return err == nil && !fi.ModTime().Before(s.gosum.before().At)
}

// forget takes away what a run has added, and reports whether that could be done.
func (s *session) forget(after *gosum.Snapshot) bool {
	if after == nil {
		return true
	}
	err := s.gosum.before().Undo(after, s.wroteSum)
	if err != nil {
		s.print.Debugf("cannot take back what was added to go.sum: %v", err)
	}
	return err == nil
}
