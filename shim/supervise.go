package shim

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/shim/proc"
	"github.com/gosteady/gosteady/shim/stdio"
)

// A run is one command that is supervised: what to run and where its streams
// go. Its outputs are made anew each time it is run.
type run struct {
	args     []string
	discard  bool // nothing of its output is for the user, as with the warming step
	inherit  bool // its streams are the user's own, unread
	userCode bool // it may run code of the user: never run it again
	stderr   int  // descriptor of the user's standard error for user code, 0 for none
	io       stdio.Outputs

	stalled bool // the last run met a git that hung, and ended it
	unread  bool // we are to end, and nobody reads what the last run wrote
}

// holdJSON is how much of a report on standard output is held back, so that a
// healed failure is not in it.
const holdJSON = 256 << 10

// supervise runs the command of the plan, healed.
func (s *session) supervise() proc.Ending {
	e, _ := s.healed(&run{args: s.plan.Inv.Args, userCode: s.plan.Inv.RunsTools()})
	return e
}

// healed runs a command, and runs it again as often as evidence and policy
// allow.
func (s *session) healed(r *run) (proc.Ending, *healer) {
	h := s.newHealer()
	if s.mayWriteSums() {
		s.before()
	}
	for {
		h.begun = time.Now()
		e := s.once(r)
		if r.unread {
			h.settleClones()
			s.dieUnread()
		}
		if e.OK() && !s.reported(r) {
			h.settle(true)
			return s.ended(e, r), h
		}
		after := s.added()
		if s.sig.Asked() || !h.again(e, r) || !s.forget(after) {
			h.settle(false)
			return s.inVain(e, r, h, after), h
		}
		r.io.Drop()
		if s.relay != nil {
			s.relay.Again()
		}
	}
}

// inVain ends a run that failed and is not repeated. If its output is for nobody,
// another run has the last word.
func (s *session) inVain(e proc.Ending, r *run, h *healer, after *gosum.Snapshot) proc.Ending {
	if r.discard && !s.forget(after) {
		s.spoilt = true
	}
	e = s.ended(e, r)
	if !e.OK() && !r.discard && !s.sig.Asked() {
		s.advise(h)
	}
	return e
}

// reported reports whether a command that ended well tells of failed fetches or of
// damage in what it has printed, as list does with -e.
func (s *session) reported(r *run) bool {
	if r.discard {
		return s.mayWriteSums() && s.relay != nil && len(s.relay.Unhealed()) > 0
	}
	if r.io.Out == nil || r.io.Out == r.io.Err || r.io.Out.Visible() || !s.plan.Inv.ReportsErrors() {
		return false
	}
	text, errs := r.io.Out.Text(), r.io.Err.Text()
	if !strings.Contains(text, `Err": "`) && errs == "" {
		return false // the usual case, and the text may be long
	}
	return slices.ContainsFunc(classify.Live(errs+text), func(f classify.Failure) bool {
		return f.Class == classify.CacheCorrupt || f.Class == classify.Checksum || f.Class == classify.VCSNetwork
	})
}

// ended writes out what is held of a run that will not be repeated. Where that
// found no reader, or a signal found no child, the command ends as go would
// have.
func (s *session) ended(e proc.Ending, r *run) proc.Ending {
	r.io.Flush()
	sig := s.sig.Missed()
	size, fault := r.io.Out.Written()
	switch {
	case fault != nil && e.OK() && s.plan.Inv.MindsOutput(size):
		s.print.Raw(fault.Error())
		return proc.Ending{Code: 1}
	case sig != nil && !e.OK():
		return proc.DeathBy(sig)
	case e.Signal == nil && r.io.LostReader():
		return proc.Ending{Signal: syscall.SIGPIPE}
	}
	return e
}

// once runs a command to its end.
func (s *session) once(r *run) proc.Ending {
	if sig := s.sig.Missed(); sig != nil {
		return proc.DeathBy(sig)
	}
	cmd := proc.Command{
		Path: s.plan.Real.Path, Args: r.args, Env: s.environ(r.stderr, s.widened(r)...),
		Files: [3]*os.File{s.stdin, s.stdout, s.stderr},
	}
	r.io = stdio.Outputs{}
	switch {
	case r.inherit:
	case r.discard:
		cmd.Files[0] = nil
		r.io.Err = s.output(nil)
		r.io.Out = r.io.Err
	default:
		r.io = s.outputs(r)
	}
	c, err := s.start(s.sig.Start, cmd, r.io)
	if err != nil {
		// Our variables can make an environment too long that was not, and a
		// pipe may be one descriptor too many: plain go may still have its way.
		s.print.Debugf("cannot start %s beside us: %v", cmd.Path, err)
		return proc.Ending{Code: s.pass()}
	}
	endWatch := c.WatchGit(s.policy.Timeouts.Stall)
	endProgress := func() {}
	if !r.inherit && !r.userCode {
		endProgress = s.watchProgress()
	}
	e, err := c.Wait()
	if r.unread = !r.io.Finish(s.sig.Context().Done()); r.unread {
		return proc.Ending{}
	}
	endProgress()
	r.stalled = endWatch()
	s.sig.Ended()
	if err != nil {
		s.print.Debugf("waiting for %s: %v", cmd.Path, err)
		return proc.Ending{Code: 1}
	}
	s.print.Debugf("%v ended: exit status %d, signal %v", r.args, e.Code, e.Signal)
	return e
}

// start starts a command whose outputs are read.
func (s *session) start(start func(proc.Command) (*proc.Child, error), cmd proc.Command, io stdio.Outputs) (*proc.Child, error) {
	if err := io.Open(&cmd.Files); err != nil {
		return nil, err
	}
	c, err := start(cmd)
	if err != nil {
		io.Abandon()
		return nil, err
	}
	io.Read()
	return c, nil
}

// dieUnread ends us as the signal would have ended go, which waits in a write
// that never ends.
func (s *session) dieUnread() {
	s.dismiss()
	if s.relay != nil {
		s.relay.Close()
	}
	os.Exit(proc.DeathBy(s.sig.First()).Die())
}

// outputs decides which of the child's streams go through us: standard error
// always; standard output where the command reports failures there, or where
// it is the same open file, so that no byte changes places. Nothing is held
// back of a command that is not run again.
func (s *session) outputs(r *run) (io stdio.Outputs) {
	opts := s.options(s.stderr)
	if opts.Once = !r.userCode; r.userCode {
		opts.Suspect = nil
	}
	io.Err = s.print.Output(opts)
	switch {
	case r.userCode && s.plan.Inv.Command == "run": // it is the program's own
	case stdio.SameOpenFile(s.stdout, s.stderr):
		io.Out = io.Err
	case s.plan.Inv.ReportsOnStdout():
		opts := s.options(s.stdout)
		if opts.Progress = false; r.userCode {
			opts.Suspect = nil
		} else {
			opts.Hold = holdJSON
		}
		io.Out = s.print.Output(opts)
	}
	return io
}

// output makes a reader for one of the child's streams.
func (s *session) output(dst *os.File) *stdio.Output { return s.print.Output(s.options(dst)) }

func (s *session) options(dst *os.File) stdio.Options {
	opts := stdio.Options{To: dst, Suspect: s.suspicious, Progress: true}
	if s.relay != nil {
		opts.Rewrite = s.relay.Rewriter(s.plan.Inv.Bool("json")).Rewrite
	}
	return opts
}
