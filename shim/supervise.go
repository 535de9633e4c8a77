package shim

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/gosum"
)

// A run is one command that is supervised: what to run and where its streams
// go. Its outputs are made anew each time it is run.
type run struct {
	args     []string
	discard  bool // nothing of its output is for the user, as with the warming step
	inherit  bool // its streams are the user's own, unread
	userCode bool // it may run code of the user: never run it again
	stderr   int  // descriptor of the user's standard error for user code, 0 for none
	out, err *output

	stalled bool // the last run met a git that hung, and ended it
	unread  bool // we are to end, and nobody reads what the last run wrote
}

// holdJSON is how much of a report on standard output is held back, so that a
// healed failure is not in it.
const holdJSON = 256 << 10

// supervise runs the command of the plan, healed.
func (s *session) supervise() ending {
	e, _ := s.healed(&run{args: s.plan.Inv.Args, userCode: s.plan.Inv.RunsTools()})
	return e
}

// healed runs a command, and runs it again as often as evidence and policy
// allow.
func (s *session) healed(r *run) (ending, *healer) {
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
		if e.ok() && !s.reported(r) {
			h.settle(true)
			return s.ended(e, r), h
		}
		after := s.added()
		if s.sig.asked() || !h.again(e, r) || !s.forget(after) {
			h.settle(false)
			return s.inVain(e, r, h, after), h
		}
		r.out.sink().drop()
		r.err.sink().drop()
		if s.relay != nil {
			s.relay.Again()
		}
	}
}

// inVain ends a run that failed and is not repeated. If its output is for nobody,
// another run has the last word.
func (s *session) inVain(e ending, r *run, h *healer, after *gosum.Snapshot) ending {
	if r.discard && !s.forget(after) {
		s.spoilt = true
	}
	e = s.ended(e, r)
	if !e.ok() && !r.discard && !s.sig.asked() {
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
	if r.out == nil || r.out == r.err || r.out.sink().visible() || !s.plan.Inv.ReportsErrors() {
		return false
	}
	text := r.out.sink().text()
	if !strings.Contains(text, `Err": "`) && r.err.sink().text() == "" {
		return false // the usual case, and the text may be long
	}
	return slices.ContainsFunc(classify.Live(r.err.sink().text()+text), func(f classify.Failure) bool {
		return f.Class == classify.CacheCorrupt || f.Class == classify.Checksum || f.Class == classify.VCSNetwork
	})
}

// ended writes out what is held of a run that will not be repeated. Where that
// found no reader, or a signal found no child, the command ends as go would
// have.
func (s *session) ended(e ending, r *run) ending {
	r.out.sink().flush()
	r.err.sink().flush()
	sig := s.sig.unheard()
	size, fault := r.out.sink().written()
	switch {
	case fault != nil && e.ok() && s.plan.Inv.MindsOutput(size):
		s.say.raw(fault.Error())
		return ending{code: 1}
	case sig != nil && !e.ok():
		return deathBy(sig)
	case e.signal == nil && (r.out.sink().lostReader() || r.err.sink().lostReader()):
		return ending{signal: syscall.SIGPIPE}
	}
	return e
}

// once runs a command to its end.
func (s *session) once(r *run) ending {
	if sig := s.sig.unheard(); sig != nil {
		return deathBy(sig)
	}
	sp := spec{
		path: s.plan.Real.Path, args: r.args, environ: s.environ(r.stderr, s.widened(r)...),
		stdin: s.stdin, stdout: s.stdout, stderr: s.stderr,
	}
	switch {
	case r.inherit:
	case r.discard:
		sp.stdin = nil
		r.err = s.output(nil)
		r.out = r.err
	default:
		s.outputs(r)
	}
	sp.out, sp.err = r.out, r.err
	s.sig.prepare()
	c, err := start(sp)
	if err != nil {
		// Our variables can make an environment too long that was not, and a
		// pipe may be one descriptor too many: plain go may still have its way.
		s.say.debugf("cannot start %s beside us: %v", sp.path, err)
		return ending{code: s.pass()}
	}
	s.sig.to(c)
	endWatch := watchGit(lookAtGit, c.proc.Pid, s.policy.Timeouts.Stall, stallEvery)
	endProgress := func() {}
	if !r.inherit && !r.userCode {
		endProgress = s.watchProgress()
	}
	e, err := c.wait(s.sig.interrupted)
	if r.unread = errors.Is(err, errUnread); r.unread {
		return ending{}
	}
	endProgress()
	r.stalled = endWatch()
	s.sig.to(nil)
	if err != nil {
		s.say.debugf("waiting for %s: %v", sp.path, err)
		return ending{code: 1}
	}
	s.say.debugf("%v ended: exit status %d, signal %v", r.args, e.code, e.signal)
	return e
}

// dieUnread ends us as the signal would have ended go, which waits in a write
// that never ends.
func (s *session) dieUnread() {
	s.dismiss()
	if s.relay != nil {
		s.relay.Close()
	}
	os.Exit(deathBy(s.sig.firstAsked()).status())
}

// outputs decides which of the child's streams go through us: standard error
// always; standard output where the command reports failures there, or where
// it is the same open file, so that no byte changes places. Nothing is held
// back of a command that is not run again.
func (s *session) outputs(r *run) {
	r.err = s.output(s.stderr)
	if !r.userCode {
		r.err.to.shown = &s.shown
	}
	r.out = nil
	switch {
	case r.userCode && s.plan.Inv.Command == "run": // it is the program's own
	case sameOpenFile(s.stdout, s.stderr):
		r.out = r.err
	case s.plan.Inv.ReportsOnStdout():
		r.out = s.output(s.stdout)
		r.out.news, r.out.to.hold = nil, holdJSON
	}
	if r.userCode {
		for _, o := range []*output{r.err, r.out} {
			o.sink().suspect, o.sink().hold = nil, 0
		}
	}
}

// output makes a reader for one of the child's streams.
func (s *session) output(dst *os.File) *output {
	o := &output{to: sink{dst: dst, suspect: s.suspicious, screen: s.screen}, news: s.news}
	if s.relay != nil {
		o.rewrite = s.relay.Rewriter(s.plan.Inv.Bool("json")).Rewrite
	}
	return o
}
