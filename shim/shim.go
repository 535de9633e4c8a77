// Package shim carries out one invocation of go that is not simply passed on:
// the supervise route and the warm route of package front.
//
// Data flows one way. A plan says what to run; a child runs it while its
// output is read and the relay serves it; what failed becomes evidence; the
// evidence and the policy make a step (stop, wait, repair); and the command is
// run again where nothing that it did can be seen or repeated. The decisions
// are in decide.go and know neither processes nor files.
//
// # What stays as it is
//
// Exit status, signals, terminal, descriptors and output are those of the real
// go. A line of ours appears on standard error only when something was healed or
// waited for in vain, when a wait is longer than five seconds, and when advice can be
// given about a failure that stays one.
package shim

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
	"github.com/gosteady/gosteady/shim/proc"
	"github.com/gosteady/gosteady/shim/stdio"
)

// Run carries out a plan and returns the exit status.
func Run(plan *front.Plan) int {
	if plan.Route == front.Warm && !keepsRelay(plan) && stampHolds(plan) {
		plan.Route = front.Pass
	}
	if plan.Route == front.Pass && plan.Toolchain == "" {
		return front.Fatal(plan.ExecReal())
	}
	s := open(plan)
	if plan.Toolchain != "" {
		switch e, h := s.fetchToolchain(); {
		case s.sig.Asked():
			return s.end(s.interrupted(e))
		case !e.OK() && h.fetchFailed() && s.asksAgain():
			return s.end(s.lastWord())
		}
	}
	switch plan.Route {
	case front.Supervise:
		return s.end(s.supervise())
	case front.Warm:
		return s.warm()
	}
	return s.pass()
}

// asksAgain reports whether what follows a toolchain that could not be had would ask
// for the same one again, and no better: the warming step, or plain go, which waits
// for ever where an upstream hangs.
func (s *session) asksAgain() bool {
	switch s.plan.Route {
	case front.Warm:
		return !s.plan.Inv.AtVersion()
	case front.Pass:
		return s.relay != nil
	}
	return false
}

// A session is one invocation on a route where we stay resident.
type session struct {
	plan   *front.Plan
	policy *policy.Policy
	bound  *policy.Bound // of what the repository's policy makes us wait
	rec    *journal.Recorder
	store  journal.Store
	relay  *relay.Relay // nil where there is nothing to relay, or no loopback
	sig    *proc.Signals
	print  *stdio.Printer
	scout  scout
	ci     bool
	stdin  *os.File
	stdout *os.File
	stderr *os.File
	closed sync.Once

	before   func() *gosum.Snapshot // what the project's go.sum files were before the first run
	sums     func() *gosum.Sums     // what they vouched for; what cannot be read, go reports itself
	foreign  func() map[string]bool // paths of the modules that go.sum names
	isolated bool                   // the relay found no loopback
	spoilt   bool                   // go.sum has what a failed run left, and cannot be mended

	// What a rule's last resorts have changed for the runs to come.
	direct  proxylist.Separator // behind which "direct" stands in GOPROXY, "" for as it was
	changes []string            // further variables of the child
}

// memoryGoal is what our own heap aims at, for large downloads: near it the
// collector works harder, and go beside us has the rest of the machine.
const memoryGoal = 40 << 20

// open loads the policy and starts the relay. None of it can fail the command:
// what is not to be had is done without.
func open(plan *front.Plan) *session {
	debug.SetMemoryLimit(memoryGoal)
	go os.FindProcess(os.Getpid()) // the first use of a process tries out what the system can do
	getenv := plan.Settings.Environ
	s := &session{
		plan:  plan,
		store: journal.OpenStore(getenv),
		rec:   journal.NewRecorder(plan.Inv.Args, plan.Dir, time.Now),
		ci:    policy.DetectCI(getenv),
		sig:   proc.NewSignals(),
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}
	s.before = sync.OnceValue(s.takeSums)
	s.sums = sync.OnceValue(func() *gosum.Sums { return s.before().Sums() })
	s.foreign = sync.OnceValue(s.inSums)
	var notices []policy.Notice
	s.policy, notices = s.loader(getenv).Load()
	s.policy, s.bound = s.policy.Bounded()
	s.print = &stdio.Printer{
		Err: s.stderr, Debug: getenv("GOSTEADY_LOG") == "debug",
		Quiet: s.policy.Notify == policy.NotifyNever, Waits: s.policy.Origin("notify").Layer == policy.Repository,
	}
	s.print.TakeLog()
	for _, n := range notices {
		if n.Due(s.store.Dir(), time.Now()) {
			s.print.Warn(n.Text)
		}
	}
	s.scout.mu.Lock() // a scout waits until all is set
	defer s.scout.mu.Unlock()
	s.startRelay()
	if s.drawsProgress() {
		s.print.ShowStatus()
	}
	return s
}

func (s *session) loader(getenv func(string) string) policy.Loader {
	l := policy.Loader{Getenv: getenv, Settings: s.plan.Settings, Dir: s.plan.Dir}
	if w := s.plan.Workspace(); w != nil {
		l.ModuleRoot, l.WorkspaceRoot = w.ModRoot, ""
		if w.WorkFile != "" {
			l.WorkspaceRoot = w.Root()
		}
	}
	return l
}

// startRelay starts the relay, if there is anything to relay.
func (s *session) startRelay() {
	r, err := relay.Start(context.Background(), s.relayConfig())
	switch {
	case err == nil:
		s.relay = r
	case errors.Is(err, relay.ErrNothingToRelay):
		s.print.Debugf("no relay: GOPROXY has no http entry")
	default:
		s.isolated = true
		s.print.Debugf("no relay: %v", err)
	}
}

// environ is the environment of a child. further are changes for it alone, and
// stderr is the descriptor kept for user code, 0 for none.
func (s *session) environ(stderr int, further ...string) []string {
	changes, goproxy := append(slices.Clone(s.changes), further...), s.plan.Settings.Get("GOPROXY")
	if s.relay != nil {
		changes, goproxy = append(changes, s.relay.Env()...), s.relay.GOPROXY()
	}
	if s.direct != "" {
		goproxy, _ = proxylist.WithDirect(goproxy, s.direct)
		changes = append(changes, "GOPROXY="+goproxy)
	}
	if len(changes) == 0 {
		return s.plan.Environ
	}
	return front.Wrap(s.plan.Environ, changes, goproxy, stderr)
}

// end tells what was healed, writes the journal, and returns the exit status
// for how the command ended.
func (s *session) end(e proc.Ending) int {
	s.close(e)
	return e.Die()
}

// close ends the relay, tells what was healed, and leaves nothing of the
// session behind but the journal. The first ending counts.
func (s *session) close(e proc.Ending) { s.closed.Do(func() { s.finish(e) }) }

func (s *session) finish(e proc.Ending) {
	s.recall()
	s.print.Status().End()
	if s.relay != nil && s.relay.Used() {
		switch {
		case e.OK():
			s.relay.Succeeded()
		case s.sig.Asked():
			s.relay.Interrupted()
		}
		s.relay.Close()
		s.summarize()
	}
	s.tell(e)
}

// interrupted is how a command ends that was asked to while it prepared for
// itself: by the signal, also if it was done just before.
func (s *session) interrupted(e proc.Ending) proc.Ending {
	if e.OK() {
		return proc.DeathBy(s.sig.First())
	}
	return e
}

// pass lets the real go replace us after all.
func (s *session) pass() int { return s.passAfter(proc.Ending{}) }

// passAfter is pass after a preparation that ended in this way.
func (s *session) passAfter(e proc.Ending) int {
	s.close(e)
	if sig := s.sig.Release(); sig != nil {
		return proc.DeathBy(sig).Die()
	}
	return front.Fatal(s.plan.ExecReal())
}
