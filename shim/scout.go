package shim

import (
	"slices"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/shim/proc"
	"github.com/gosteady/gosteady/shim/stdio"
)

// A scout is a second go command that runs beside the first one while modules
// are being fetched: it loads the same packages, compiles nothing, and fetches
// many modules at a time (see width). The first command then finds them in the
// module cache, or waits for go's own lock on a module that the scout has in
// hand. It is started by what is being fetched, so that a command that needs
// nothing is never slower; it says nothing but go's own "downloading" lines,
// each once; and it ends with the command.
//
// The first command cannot be widened itself: while it compiles, GOMAXPROCS
// would tell the compiler how much to do at a time.
type scout struct {
	mu    sync.Mutex
	over  bool // the command has ended
	child *proc.Child
	gone  chan struct{} // closed when the child was waited for
}

// scoutArgs returns the arguments of the scout of a command, nil if it has
// none: it must compile nothing, write nothing but the module cache, ask no
// queries anew and run nothing of the user's.
func (s *session) scoutArgs() []string {
	inv := &s.plan.Inv
	if s.mayWriteSums() || inv.AtVersion() || inv.RefusesDryRun() || inv.RunsTools() || inv.ReadsPipe() || slices.Contains(inv.Rest, "-") {
		return nil
	}
	switch inv.Command {
	case "build", "install", "vet":
		return inv.With("-n")
	case "list":
		for _, name := range []string{"export", "compiled", "u", "versions", "retracted"} {
			if inv.Bool(name) {
				return nil
			}
		}
		return slices.Clone(inv.Args)
	}
	return nil
}

// sendScout is called when the relay sees that the module cache is cold.
func (s *session) sendScout() {
	s.scout.mu.Lock()
	if s.scout.over || s.scout.child != nil || s.sig.Asked() || s.needsPrivate() {
		s.scout.mu.Unlock()
		return
	}
	r := run{args: s.scoutArgs(), mode: warming}
	opts := s.options(r, nil)
	opts.Suspect = nil // what it met, the first command meets
	out := s.print.Output(opts)
	io := stdio.Outputs{Out: out, Err: out}
	c, err := startRead(proc.Start, proc.Command{
		Path: s.plan.Real.Path, Args: r.args, Env: s.environ(r.env, append(s.widened(r), noDialogs...)...), Apart: true,
	}, io)
	if err != nil {
		s.scout.mu.Unlock()
		s.print.Debugf("no scout: %v", err)
		return
	}
	s.scout.child, s.scout.gone = c, make(chan struct{})
	s.scout.mu.Unlock()
	e, _ := c.Wait()
	io.Finish(nil)
	s.print.Debugf("scout %v ended: exit status %d", r.args, e.Code)
	close(s.scout.gone)
}

// noDialogs keeps the scout's git from asking in a window what it cannot ask on a
// terminal: the first command asks.
var noDialogs = []string{"SSH_ASKPASS_REQUIRE=never", "GCM_INTERACTIVE=never"}

// needsPrivate reports whether a requirement is one that go asks git for. Git may
// ask a person in turn, and one command that does so is enough.
func (s *session) needsPrivate() bool {
	w := s.plan.Workspace()
	if w == nil {
		return false
	}
	required, _ := w.Requirements()
	return slices.ContainsFunc(required, func(m module.Version) bool { return s.plan.Settings.NoProxy(m.Path) })
}

// recall ends the scout, if there is one, when the command has ended. What go
// leaves half done in the module cache it clears away by itself, and git is given
// time to.
func (s *session) recall() {
	if gone := s.dismiss(); gone != nil {
		<-gone
	}
}

// dismiss is recall without a wait for those who read our output: it returns what
// is closed when the scout is gone, nil if there is none.
func (s *session) dismiss() (gone <-chan struct{}) {
	s.scout.mu.Lock()
	defer s.scout.mu.Unlock()
	s.scout.over = true
	if s.scout.child == nil {
		return nil
	}
	select {
	case <-s.scout.gone:
	default:
		s.scout.child.Kill(s.scout.gone)
	}
	return s.scout.gone
}
