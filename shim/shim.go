// Package shim carries out one invocation of go that is not simply passed on:
// the supervise route and the warm route of package front.
//
// Data flows one way. A run is a value: arguments, changes of the environment, a mode.
// It is executed beside us while its output is read (package stdio) and the relay serves
// it, and comes to an outcome; what failed becomes evidence. From the outcomes so far
// and the policy, decide makes the next step and the next run. It is pure, and the only
// one who says that a command is run again.
//
//	run ─► execute ─► outcome ─► gather ─► decide ─► act ─► run
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
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
	"github.com/gosteady/gosteady/shim/proc"
	"github.com/gosteady/gosteady/shim/stdio"
)

// Run carries out a plan and returns the exit status.
func Run(plan *front.Plan) int {
	var t stamping
	if plan.Route != front.Pass {
		t = lookUp(plan)
	}
	if t.holds && !keepsRelay(plan) && !plan.LacksToolchain() {
		plan.Route = front.Pass
	}
	if plan.Route == front.Pass && plan.Toolchain == "" {
		return front.Fatal(plan.ExecReal())
	}
	s := open(plan)
	var env changes
	if plan.Toolchain != "" {
		o := s.fetchToolchain()
		switch env = o.env; {
		case s.sig.Asked():
			return s.end(s.interrupted(o.ending))
		case !o.ending.OK() && o.fetchFailed() && s.asksAgain():
			return s.end(s.lastWord(env))
		}
	}
	switch plan.Route {
	case front.Supervise:
		r := run{args: plan.Inv.Args, env: env}
		if plan.Inv.RunsTools() {
			r.mode = final
		}
		o := s.heal(r)
		if s.fetchedNothing(o) {
			s.renewStamp(t, o.begun)
		}
		return s.end(o.ending)
	case front.Warm:
		return s.warm(env, t)
	}
	return s.pass(proc.Ending{})
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

// A session is one invocation on a route where we stay resident. It is what all runs
// have in common; but for the relay, the scout and the journal nothing in it changes.
type session struct {
	plan       *front.Plan
	policy     *policy.Policy
	bound      *policy.Bound // of what the repository's policy makes us wait
	ci         bool
	rec        *journal.Recorder
	store      journal.Store
	relay      *relay.Relay // nil where there is nothing to relay, or no loopback
	gateways   []string     // hosts of GOPROXY that are gateways of ours: asked without the relay
	noLoopback bool         // the relay found none
	gosum      projectSums
	sig        *proc.Signals
	print      *stdio.Printer
	std        [3]*os.File // the user's standard input, output and error
	scout      scout
	closed     bool
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
		std:   [3]*os.File{os.Stdin, os.Stdout, os.Stderr},
	}
	s.gosum = sumsOf(plan)
	var notices []policy.Notice
	s.policy, notices = s.loader(getenv).Load()
	s.policy, s.bound = s.policy.Bounded()
	s.print = &stdio.Printer{
		Err: os.Stderr, Debug: getenv("GOSTEADY_LOG") == "debug",
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
		s.noLoopback = true
		s.print.Debugf("no relay: %v", err)
	}
}

// end tells what was healed, writes the journal, and returns the exit status
// for how the command ended.
func (s *session) end(e proc.Ending) int {
	s.close(e)
	return e.Die()
}

// close ends the relay, tells what was healed, and leaves nothing of the session behind
// but the journal. The first ending counts.
func (s *session) close(e proc.Ending) {
	if s.closed {
		return
	}
	s.closed = true
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

// pass lets the real go replace us after all, after a preparation that ended in this way.
func (s *session) pass(e proc.Ending) int {
	s.close(e)
	if sig := s.sig.Release(); sig != nil {
		return proc.DeathBy(sig).Die()
	}
	return front.Fatal(s.plan.ExecReal())
}
