package shim

import (
	"os"
	"os/signal"
	"runtime"
	"time"
)

// A child is the real go while we stay resident beside it.
type child struct {
	proc    *os.Process
	outputs []*output
	parent  []*os.File // our copies of the child's ends, closed once it runs
}

// A spec says what to run and where its streams go.
type spec struct {
	path    string
	args    []string
	environ []string
	dir     string   // "" for ours
	stdin   *os.File // nil for the null device
	stdout  *os.File // inherited as is unless out is set
	stderr  *os.File
	out     *output // reads the child's standard output; nil to inherit
	err     *output // reads its standard error; the same as out where both go to one file
}

// start runs the child in our process group. The calling goroutine is tied to
// its thread for good: the parent-death signal is delivered when the thread
// that started the child ends, not the process.
func start(s spec) (*child, error) {
	runtime.LockOSThread()
	c := &child{}
	if s.stdin == nil {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return nil, err
		}
		s.stdin, c.parent = null, append(c.parent, null)
	}
	files := []*os.File{s.stdin, s.stdout, s.stderr}
	pipes := map[*output]*os.File{}
	for i, o := range []*output{nil, s.out, s.err} {
		if o == nil {
			continue
		}
		if pipes[o] == nil {
			w, err := o.pipe()
			if err != nil {
				c.closeParent()
				return nil, err
			}
			pipes[o] = w
			c.parent = append(c.parent, w)
			c.outputs = append(c.outputs, o)
		}
		files[i] = pipes[o]
	}
	var err error
	c.proc, err = os.StartProcess(s.path, append([]string{s.path}, s.args...), &os.ProcAttr{
		Dir: s.dir, Env: s.environ, Files: files, Sys: childAttr(),
	})
	c.closeParent()
	if err != nil {
		for _, o := range c.outputs {
			o.abandon()
		}
		return nil, err
	}
	adopt(c.proc)
	for _, o := range c.outputs {
		go o.read(c)
	}
	return c, nil
}

func (c *child) closeParent() {
	for _, f := range c.parent {
		f.Close()
	}
}

// drainTime is how long we read on after the child has ended: a grandchild may
// hold the pipe open for ever (go doc -http).
const drainTime = 100 * time.Millisecond

// wait returns how the child ended, after its output was read.
func (c *child) wait() (ending, error) {
	state, err := c.proc.Wait()
	for _, o := range c.outputs {
		o.finish(drainTime)
	}
	if err != nil {
		return ending{}, err
	}
	return endingOf(state), nil
}

// An ending is a wait status: an exit code, or the signal that killed it.
type ending struct {
	code   int
	signal os.Signal // nil if it exited
}

func (e ending) ok() bool { return e.code == 0 && e.signal == nil }

// status ends this process as the child ended, or returns the exit status that
// comes nearest.
func (e ending) status() int {
	if e.signal == nil {
		return e.code
	}
	raise(e.signal)
	return 128 + signalNumber(e.signal)
}

// A relayed signal goes from us to the child. We have no opinion on it: go
// itself counts only the first interrupt, and the terminal has sent it to both.
type signals struct {
	ch          chan os.Signal
	interrupted chan struct{} // closed on the first signal that asks us to end
	current     chan *child
}

// watchSignals begins to catch what we forward. Signals that were ignored when
// we were started stay ignored, for the child too.
func watchSignals() *signals {
	s := &signals{ch: make(chan os.Signal, 16), interrupted: make(chan struct{}), current: make(chan *child)}
	for _, sig := range forwarded {
		if !signal.Ignored(sig) {
			signal.Notify(s.ch, sig)
		}
	}
	keepPipeErrors(s.ch)
	go s.forward()
	return s
}

func (s *signals) forward() {
	var c *child
	closed := false
	for {
		select {
		case c = <-s.current:
		case sig := <-s.ch:
			if ends(sig) && !closed {
				closed = true
				close(s.interrupted)
			}
			pass(sig, c)
		}
	}
}

// to names the child that signals go to; nil while there is none, as between
// two runs.
func (s *signals) to(c *child) { s.current <- c }

// asked reports whether we were asked to end.
func (s *signals) asked() bool {
	select {
	case <-s.interrupted:
		return true
	default:
		return false
	}
}
