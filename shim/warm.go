package shim

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/shim/front"
	"github.com/gosteady/gosteady/shim/proc"
	"github.com/gosteady/gosteady/shim/stdio"
	"golang.org/x/mod/module"
)

// warm carries out a command that runs code of the user. First the same
// command with -n runs under supervision, its output discarded, so that all
// healing is over before any user code starts; then the command itself.
func (s *session) warm() int {
	inv := &s.plan.Inv
	if inv.ReadsPipe() {
		return s.pass() // the warming step would have read what can be read once
	}
	keep := keepsRelay(s.plan)
	if keep && stampHolds(s.plan) {
		return s.end(s.kept())
	}
	dry := &run{args: inv.With("-n"), discard: true}
	e, h := s.healed(dry)
	switch {
	case s.sig.Asked():
		return s.end(s.interrupted(e))
	case e.Signal != nil:
		return s.end(e)
	case s.spoilt: // the command would go by what it is to check
		s.print.Raw(strings.TrimSuffix(dry.io.Err.Text(), "\n"))
		s.print.Line("cannot restore go.sum after a failed run: make it writable, and look at 'git diff go.sum'")
		return s.end(e)
	case !e.OK() && h.answered():
		return s.passAfter(e) // plain go gets the same answer without a wait
	case !e.OK() && h.fetchFailed():
		return s.end(s.lastWord())
	case e.OK():
		s.mendUnseen()
		writeStamp(s.plan, s.store, h.begun)
	}
	if keep {
		return s.end(s.kept())
	}
	return s.pass() // also where -n failed for another reason: go says it itself
}

// keepsRelay reports whether a command may fetch while code of the user runs.
func keepsRelay(plan *front.Plan) bool {
	inv := &plan.Inv
	return inv.Command == "generate" || inv.Command == "run" && inv.AtVersion()
}

// mendUnseen looks for what the warming step cannot see: -n reads no source
// file whose directory the build cache has an index of, so a file that is gone
// or cut short would show only when the user's code is compiled, where nothing
// can be run again. Names and sizes are compared, not contents.
func (s *session) mendUnseen() {
	cache, sums := s.cache(), s.sums()
	if cache == nil {
		return
	}
	versions := slices.Collect(cache.Downloaded(sums.Zips()))
	gaps, edits := cache.Gaps(s.sig.Context(), versions)
	if len(gaps) > 0 {
		s.mendGaps(gaps)
	}
	if len(edits) > 0 && !s.sig.Asked() {
		s.compileOnly()
	}
}

func (s *session) mendGaps(gaps []module.Version) {
	begun := time.Now()
	healing := s.repair(modcache.Suspects{Versions: gaps, Since: begun})
	for _, o := range healing.Outcomes {
		if o.Mended() {
			s.rec.Add(journal.Event{
				Outcome: journal.Healed, Class: classify.CacheCorrupt, Action: doRepair.String(),
				Module: o.Module.Path, Version: o.Module.Version, Wait: time.Since(begun), Text: o.Before.String(),
			})
		}
	}
}

// compileOnly compiles what go run and go test are going to run, and runs nothing
// in the place of it. Somebody has changed files in the module cache, or a disk
// has: if that compiles, it is none of our business, and if not, it is healed as
// a build that fails is.
func (s *session) compileOnly() {
	inv := &s.plan.Inv
	if _, given := inv.Flag("exec"); given || inv.Command != "run" && inv.Command != "test" {
		return
	}
	self, err := selfAsGo()
	if err != nil {
		return
	}
	if flag, ok := front.ExecFlag(front.NothingCommand(self)); ok {
		s.healed(&run{args: inv.With(flag), discard: true})
	}
}

// lastWord runs the command although warming has failed: go words its own
// error, and the relay answers the failed items from memory, without a second
// wait. Tests of the packages that do load run now.
func (s *session) lastWord() proc.Ending {
	if s.relay != nil {
		s.relay.FromMemory()
	}
	r := &run{args: s.plan.Inv.Args, userCode: true}
	defer s.shield(r)()
	return s.only(r)
}

// kept runs a command that may still fetch while user code runs: "run m@v"
// asks for versions anew, and directives of go generate often say "go run
// m@v". Generators see the relay, which the README names.
func (s *session) kept() proc.Ending {
	r := &run{args: s.plan.Inv.Args, userCode: true}
	if s.plan.Inv.Command == "generate" {
		r.inherit = true
		return s.only(r)
	}
	defer s.shield(r)()
	return s.only(r)
}

// shield puts a flag into a run by which programs get the user's own
// environment back, and those of go run the standard error as well. Where that
// cannot be, and where the user gave an -exec flag, the run is left as it is.
func (s *session) shield(r *run) (release func()) {
	words := s.startingThroughUs()
	flag, ok := front.ExecFlag(words)
	if !ok {
		return func() {}
	}
	r.args = s.plan.Inv.With(flag)
	if s.plan.Inv.Command != "run" { // go test reads what its programs say
		return func() {}
	}
	r.stderr, release = stdio.KeepStderr(s.stderr)
	return release
}

// startingThroughUs returns the words of an -exec flag that starts programs
// through us, nil if there can be none.
func (s *session) startingThroughUs() []string {
	inv := &s.plan.Inv
	if _, given := inv.Flag("exec"); given || s.relay == nil || inv.Command != "run" && inv.Command != "test" {
		return nil
	}
	self, err := selfAsGo()
	if err != nil {
		return nil
	}
	words := front.RestoreCommand(self)
	get := s.plan.Settings.Get
	if goos, goarch := get("GOOS"), get("GOARCH"); goos != runtime.GOOS || goarch != runtime.GOARCH {
		// The flag takes the place of a runner that go would look for (work.FindExecCmd).
		runner, err := exec.LookPath("go_" + goos + "_" + goarch + "_exec")
		if err != nil {
			return nil
		}
		words = append(words, runner)
	}
	return words
}

// only runs a command once and writes out all that it said.
func (s *session) only(r *run) proc.Ending {
	e := s.once(r)
	if r.unread {
		s.dieUnread()
	}
	return s.ended(e, r)
}

// selfAsGo returns a path under which we are started as "go".
func selfAsGo() (string, error) {
	self, err := os.Executable()
	if err != nil || front.IsGo(self) {
		return self, err
	}
	self = filepath.Join(filepath.Dir(self), "go"+filepath.Ext(self))
	_, err = os.Stat(self)
	return self, err
}
