package shim

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/shim/front"
	"github.com/gosteady/gosteady/shim/proc"
	"github.com/gosteady/gosteady/shim/stdio"
)

// A run is one go command that we stay beside. It is a value: where the next run is to
// differ, that is another one.
type run struct {
	args    []string
	env     changes
	mode    mode
	verify  bool // the relay verifies every zip in full
	patient bool // the relay waits longer for those whom "|" follows
	memory  bool // the relay answers from memory what failed before
}

// A mode says whose the streams of a run are, and whether it may be run again.
type mode int

const (
	supervised mode = iota // its output is read and passed on; it may be run again
	warming                // its output is read for failures, and nobody else has it; it may be run again
	final                  // it may run code of the user: it is not run again
	untouched              // the same, and its streams are the user's own, unread
)

// runsUserCode reports whether code of the user may run.
func (m mode) runsUserCode() bool { return m == final || m == untouched }

// changes are how the environment of a run differs from ours, beside the relay.
type changes struct {
	direct proxylist.Separator // behind which "direct" stands in GOPROXY; "" for as it was
	vendor bool                // the vendor directory is used
	stderr int                 // the descriptor kept for user code; 0 for none
}

// An outcome is what a run came to.
type outcome struct {
	run
	evidence // of a run that failed
	ending   proc.Ending
	io       stdio.Outputs
	begun    time.Time
	ended    time.Time
	relayed  []relay.Failure // what the relay answered with a failure
	stalled  bool            // a git hung, and was ended
	unread   bool            // we are to end, and nobody reads what it wrote
	sums     *gosum.Snapshot // what the go.sum files are after it; nil where it cannot have added anything
	tainted  bool            // they have what it left, and cannot be repaired
	steps    []step          // what was done about it: all but the last one in vain
}

// execute runs a command to its end.
func (s *session) execute(r run) (o outcome) {
	o = outcome{run: r, begun: time.Now()}
	defer func() { o.ended = time.Now() }()
	if sig := s.sig.Missed(); sig != nil {
		o.ending = proc.DeathBy(sig)
		return o
	}
	cmd := proc.Command{Path: s.plan.Real.Path, Args: r.args, Env: s.environ(r.env, s.widened(r)...), Files: s.std}
	o.io = s.outputs(r)
	if r.mode == warming {
		cmd.Files[0] = nil
	}
	earlier := len(s.unhealed())
	c, err := startRead(s.sig.Start, cmd, o.io)
	if err != nil {
		// Our variables can make an environment too long that was not, and a
		// pipe may be one descriptor too many: plain go may still have its way.
		s.print.Debugf("cannot start %s beside us: %v", cmd.Path, err)
		o.ending.Code = s.pass(proc.Ending{})
		return o
	}
	endWatch, endProgress := c.WatchGit(s.policy.Timeouts.Stall), func() {}
	if !r.mode.runsUserCode() {
		endProgress = s.watchProgress()
	}
	o.ending, err = c.Wait()
	if o.unread = !o.io.Finish(s.sig.Context().Done()); o.unread {
		return o
	}
	endProgress()
	o.stalled = endWatch()
	s.sig.Ended()
	o.relayed = s.unhealed()[earlier:]
	if err != nil {
		s.print.Debugf("waiting for %s: %v", cmd.Path, err)
		o.ending = proc.Ending{Code: 1}
		return o
	}
	s.print.Debugf("%v ended: exit status %d, signal %v", r.args, o.ending.Code, o.ending.Signal)
	return o
}

// startRead starts a command whose outputs are read.
func startRead(start func(proc.Command) (*proc.Child, error), cmd proc.Command, io stdio.Outputs) (*proc.Child, error) {
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

// unhealed is what the relay has answered with a failure so far.
func (s *session) unhealed() []relay.Failure {
	if s.relay == nil {
		return nil
	}
	return s.relay.Unhealed()
}

// environ is the environment of a run; further are changes for it alone.
func (s *session) environ(env changes, further ...string) []string {
	vars, goproxy := slices.Clone(further), s.plan.Settings.Get("GOPROXY")
	if env.vendor {
		vars = append(vars, "GOFLAGS="+strings.TrimSpace(s.plan.Settings.Get("GOFLAGS")+" -mod=vendor"))
	}
	if s.relay != nil {
		vars, goproxy = append(vars, s.relay.Env()...), s.relay.GOPROXY()
	}
	if env.direct != "" {
		goproxy, _ = proxylist.WithDirect(goproxy, env.direct)
		vars = append(vars, "GOPROXY="+goproxy)
	}
	if len(vars) == 0 {
		return s.plan.Environ
	}
	return front.Wrap(s.plan.Environ, vars, goproxy, env.stderr)
}

// width is the GOMAXPROCS of a go command that fetches and compiles nothing.
// go fetches as many modules at a time as it has processors: with two, most of
// a cold download is waiting. At 60 ms a request, 32 is four times as fast as 8
// and nothing is gained beyond.
const width = 32

// onlyFetch names the commands whose time is fetching. Others load packages as
// well, which takes a quarter more CPU with so many processors that are not
// there: they are widened only when something is being fetched (see scout).
var onlyFetch = []string{
	"get", "mod download", "mod graph", "mod tidy", "mod vendor", "mod why", "work sync", "work vendor",
}

// widened returns the change of the environment that has a run fetch more at a
// time, nil for none. Nothing is compiled or run there that would see it, and
// what the user has set stays.
func (s *session) widened(r run) []string {
	inv := &s.plan.Inv
	switch {
	case s.relay == nil || r.mode.runsUserCode() || inv.RunsTools():
		return nil
	case r.mode != warming && (!slices.Contains(onlyFetch, inv.Command) || s.plan.Settings.Get("GO111MODULE") == "off"):
		return nil
	}
	if v := s.plan.Getenv("GOMAXPROCS"); strings.TrimSpace(v) != "" {
		return nil
	}
	return []string{"GOMAXPROCS=" + strconv.Itoa(width)}
}

// holdJSON is how much of a report on standard output is held back, so that a
// healed failure is not in it.
const holdJSON = 256 << 10

// outputs decides which of a run's streams go through us: standard error always;
// standard output where the command reports failures there, or where it is the same open
// file, so that no byte changes places. Nothing is held back of a command that is not run
// again.
func (s *session) outputs(r run) (io stdio.Outputs) {
	stdout, stderr := s.std[1], s.std[2]
	switch r.mode {
	case untouched:
		return io
	case warming:
		io.Err = s.print.Output(s.options(r, nil))
		io.Out = io.Err
		return io
	}
	opts := s.options(r, stderr)
	opts.Once = r.mode == supervised
	io.Err = s.print.Output(opts)
	switch {
	case r.mode == final && s.plan.Inv.Command == "run": // it is the program's own
	case stdio.SameOpenFile(stdout, stderr):
		io.Out = io.Err
	case s.plan.Inv.ReportsOnStdout():
		opts := s.options(r, stdout)
		opts.Progress = false
		if r.mode == supervised {
			opts.Hold = holdJSON
		}
		io.Out = s.print.Output(opts)
	}
	return io
}

// options are what is done with one stream of a run.
func (s *session) options(r run, to *os.File) stdio.Options {
	opts := stdio.Options{To: to, Progress: true}
	if r.mode != final {
		opts.Suspect = s.suspicious
	}
	if s.relay != nil {
		opts.Rewrite = s.relay.Rewriter(s.plan.Inv.Bool("json")).Rewrite
	}
	return opts
}

// mayRepeat is the re-execution rule: none of the user's code ran, and nothing was
// written that anyone could have read.
func (s *session) mayRepeat(o outcome) bool {
	switch {
	case o.ending.Signal != nil:
		return false
	case o.mode == warming:
		return true
	case o.mode.runsUserCode() || o.io.Err.Said().Overflowed:
		return false
	case o.io.Out == nil:
		return s.plan.Inv.Repeatable()
	}
	return !o.io.Out.Said().Visible && !s.plan.Inv.RunsTools()
}

// reported reports whether a command that ended well tells of failed fetches or of
// damage in what it has printed, as list does with -e.
func (s *session) reported(o outcome) bool {
	if o.mode == warming {
		return s.mayWriteSums() && len(s.unhealed()) > 0
	}
	if o.io.Out == nil || o.io.Out == o.io.Err || !s.plan.Inv.ReportsErrors() {
		return false
	}
	out, errs := o.io.Out.Said(), o.io.Err.Said()
	if out.Visible || errs.Text == "" && !classify.HasErrorField(out.Text) {
		return false // the usual case, and the text may be long
	}
	return slices.ContainsFunc(classify.Live(errs.Text+out.Text), func(f classify.Failure) bool {
		return f.Class == classify.CacheCorrupt || f.Class == classify.Checksum || f.Class == classify.VCSNetwork
	})
}

// flush writes out what is held of a run that will not be repeated. Where that found no
// reader, or a signal found no child, the command ends as go would have.
func (s *session) flush(o outcome) outcome {
	o.io.Flush()
	sig := s.sig.Missed()
	out := o.io.Out.Said()
	switch {
	case out.Fault != nil && o.ending.OK() && s.plan.Inv.MindsOutput(out.Size):
		s.print.Raw(out.Fault.Error())
		o.ending = proc.Ending{Code: 1}
	case sig != nil && !o.ending.OK():
		o.ending = proc.DeathBy(sig)
	case o.ending.Signal == nil && (out.LostReader || o.io.Err.Said().LostReader):
		o.ending = proc.Ending{Signal: syscall.SIGPIPE}
	}
	return o
}

// dieUnread ends us as the signal would have ended go, which waits in a write that never
// ends.
func (s *session) dieUnread() {
	s.dismiss()
	if s.relay != nil {
		s.relay.Close()
	}
	os.Exit(proc.DeathBy(s.sig.First()).Die())
}
