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
func (s *session) warm(env changes, t stamping) int {
	inv := &s.plan.Inv
	if inv.ReadsPipe() {
		return s.pass(proc.Ending{}) // the warming step would have read what can be read once
	}
	keep := keepsRelay(s.plan)
	if keep && t.holds {
		return s.end(s.kept(env))
	}
	o := s.heal(run{args: inv.With("-n"), env: env, mode: warming})
	switch e := o.ending; {
	case s.sig.Asked():
		return s.end(s.interrupted(e))
	case e.Signal != nil:
		return s.end(e)
	case o.tainted: // the command would go by what it is to check
		s.print.Raw(strings.TrimSuffix(o.io.Err.Said().Text, "\n"))
		s.print.Line("cannot restore go.sum after a failed run: make it writable, and look at 'git diff go.sum'")
		return s.end(e)
	case !e.OK() && o.answered():
		return s.pass(e) // plain go gets the same answer without a wait
	case !e.OK() && o.fetchFailed():
		return s.end(s.lastWord(o.env))
	case e.OK():
		s.repairUnseen(o.env)
		s.renewStamp(t, o.begun)
	}
	if keep {
		return s.end(s.kept(o.env))
	}
	return s.pass(proc.Ending{}) // also where -n failed for another reason: go says it itself
}

// fetchToolchain downloads the toolchain that go.mod asks for before the command itself
// runs, so that the download is healed whatever the command's own route is. If it fails,
// the command says why.
func (s *session) fetchToolchain() outcome {
	s.print.Debugf("fetching %s first", s.plan.Toolchain)
	args := []string{"version"}
	if s.plan.Inv.Dir != "" {
		args = []string{"-C", s.plan.Inv.Dir, "version"}
	}
	return s.heal(run{args: args, mode: warming})
}

// keepsRelay reports whether a command may fetch while code of the user runs.
func keepsRelay(plan *front.Plan) bool {
	inv := &plan.Inv
	return inv.Command == "generate" || inv.Command == "run" && inv.AtVersion()
}

// repairUnseen looks for what the warming step cannot see: -n reads no source file whose
// directory the build cache has an index of, so a file that is gone or cut short would
// show only when the user's code is compiled, where nothing can be run again. Names and
// sizes are compared, not contents.
func (s *session) repairUnseen(env changes) {
	cache := s.cache()
	if cache == nil {
		return
	}
	gaps, edits := cache.Gaps(s.sig.Context(), slices.Collect(cache.Downloaded(s.gosum.sums().Zips())))
	if len(gaps) > 0 {
		s.repairGaps(gaps, env)
	}
	if len(edits) > 0 && !s.sig.Asked() {
		s.compileOnly(env)
	}
}

func (s *session) repairGaps(gaps []module.Version, env changes) {
	begun := time.Now()
	healing := s.repair(modcache.Suspects{Versions: gaps, Since: begun}, env)
	for _, o := range healing.Outcomes {
		if o.Repaired() {
			s.rec.Add(journal.Event{
				Outcome: journal.Healed, Class: classify.CacheCorrupt, Action: actRepair.String(),
				Module: o.Module.Path, Version: o.Module.Version, Wait: time.Since(begun), Text: o.Before.String(),
			})
		}
	}
}

// compileOnly compiles what go run and go test are going to run, and runs nothing
// in the place of it. Somebody has changed files in the module cache, or a disk
// has: if that compiles, it is none of our business, and if not, it is healed as
// a build that fails is.
func (s *session) compileOnly(env changes) {
	inv := &s.plan.Inv
	if _, given := inv.Flag("exec"); given || inv.Command != "run" && inv.Command != "test" {
		return
	}
	self, err := selfAsGo()
	if err != nil {
		return
	}
	if flag, ok := front.ExecFlag(front.NothingCommand(self)); ok {
		s.heal(run{args: inv.With(flag), env: env, mode: warming})
	}
}

// lastWord runs the command although warming has failed: go words its own error, and the
// relay answers the failed items from memory, without a second wait. Tests of the
// packages that do load run now.
func (s *session) lastWord(env changes) proc.Ending {
	return s.shielded(run{args: s.plan.Inv.Args, env: env, mode: final, memory: true})
}

// kept runs a command that may still fetch while user code runs: "run m@v"
// asks for versions anew, and directives of go generate often say "go run
// m@v". Generators see the relay, which the README names.
func (s *session) kept(env changes) proc.Ending {
	if s.plan.Inv.Command == "generate" {
		return s.only(run{args: s.plan.Inv.Args, env: env, mode: untouched})
	}
	return s.shielded(run{args: s.plan.Inv.Args, env: env, mode: final})
}

// shielded runs a command with a flag by which programs get the user's own environment
// back, and those of go run the standard error as well. Where that cannot be, and where
// the user gave an -exec flag, the command is run as it is.
func (s *session) shielded(r run) proc.Ending {
	flag, ok := front.ExecFlag(s.startingThroughUs())
	if ok {
		r.args = s.plan.Inv.With(flag)
	}
	if ok && s.plan.Inv.Command == "run" { // go test reads what its programs say
		fd, release := stdio.KeepStderr(s.std[2])
		defer release()
		r.env.stderr = fd
	}
	return s.only(r)
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
func (s *session) only(r run) proc.Ending {
	s.instruct(nil, r)
	o := s.execute(r)
	if o.unread {
		s.dieUnread()
	}
	return s.flush(o).ending
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
