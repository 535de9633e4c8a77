package shim

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/gosteady/gosteady/shim/front"
)

// A child is the real go while we stay resident beside it.
type child struct {
	proc    *os.Process
	outputs []*output
	parent  []*os.File // our copies of the child's ends, closed once it runs
	release func()     // lets what it has started outlive us; nil where nothing is to
	tree    tree       // what it starts, if it is apart
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
	apart   bool    // in a session and process group of its own, for killAll
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
	c.release = endWithUs()
	c.proc, err = front.StartProcess(s.path, s.args, &os.ProcAttr{
		Dir: s.dir, Env: s.environ, Files: files, Sys: childAttr(s.apart),
	})
	c.closeParent()
	if err != nil {
		c.release()
		for _, o := range c.outputs {
			o.abandon()
		}
		return nil, err
	}
	if s.apart {
		c.tree = treeOf(c.proc)
	}
	for _, o := range c.outputs {
		go o.read()
	}
	return c, nil
}

func (c *child) closeParent() {
	for _, f := range c.parent {
		f.Close()
	}
}

// drainTime is how long we wait for more output after the child has ended: a
// grandchild may hold the pipe open for ever (go doc -http).
const drainTime = 100 * time.Millisecond

// errUnread says that somebody asked us to end while our own output was stuck:
// nobody reads it. Nothing that writes may be waited for any more.
var errUnread = errors.New("its output is not read")

// wait returns how the child ended, after its output was read. Closing stop asks
// not to wait for those who read ours.
func (c *child) wait(stop <-chan struct{}) (ending, error) {
	state, err := c.proc.Wait()
	if c.release != nil {
		c.release()
	}
	for _, o := range c.outputs {
		if !o.finish(drainTime, stop) {
			err = errUnread
		}
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

// deathBy is how go ends by a signal that it does not catch.
func deathBy(sig os.Signal) ending {
	if sig == syscall.SIGQUIT { // the Go runtime prints its stacks and exits
		return ending{code: 2}
	}
	return ending{signal: sig}
}

// status ends this process as the child ended, or returns the exit status that
// comes nearest.
func (e ending) status() int {
	if e.signal == nil {
		return e.code
	}
	raise(e.signal)
	return signalStatus(e.signal)
}
