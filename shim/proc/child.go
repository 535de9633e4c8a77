// Package proc starts the real go beside us, and lets everything that happens to one
// of the two happen to the other.
//
// A child is in our process group, and inherits what it is given: three files, an
// environment, the dispositions of signals. It does not outlive us where the system can
// see to that (on Linux by the parent-death signal, on Windows by a job object). Signals
// reach it through us (see [Signals]), and its death by a signal becomes ours (see
// [Ending]). One that was started apart has a session of its own, or a job, and is ended
// with all that it has started ([Child.Kill]).
//
// Nothing here knows what is run, or why. The one exception is [WatchGit].
package proc

import (
	"os"
	"runtime"
	"syscall"

	"github.com/gosteady/gosteady/shim/front"
)

// A Command says what to run, and with what.
type Command struct {
	Path  string
	Args  []string
	Env   []string
	Files [3]*os.File // its standard input (nil for the null device), output and error
	Apart bool        // in a session of its own, for Kill
}

// A Child is a program that runs beside us.
type Child struct {
	process *os.Process
	release func() // lets what it has started outlive us
	tree    tree   // what it starts, if it is apart
}

// Start starts a command. The calling goroutine is tied to its thread for good: the
// parent-death signal is delivered when the thread that started the child ends, not the
// process.
func Start(cmd Command) (*Child, error) {
	runtime.LockOSThread()
	if cmd.Files[0] == nil {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return nil, err
		}
		defer null.Close()
		cmd.Files[0] = null
	}
	c := &Child{release: endWithUs()}
	var err error
	c.process, err = front.StartProcess(cmd.Path, cmd.Args, &os.ProcAttr{
		Env: cmd.Env, Files: cmd.Files[:], Sys: attributes(cmd.Apart),
	})
	if err != nil {
		c.release()
		return nil, err
	}
	if cmd.Apart {
		c.tree = treeOf(c.process)
	}
	return c, nil
}

// Wait waits for the child's end.
func (c *Child) Wait() (Ending, error) {
	state, err := c.process.Wait()
	c.release()
	if err != nil {
		return Ending{}, err
	}
	return endingOf(state), nil
}

// An Ending is a wait status. The zero value is success.
type Ending struct {
	Code   int
	Signal os.Signal // what killed it; nil if it exited
}

// DeathBy is how go ends by a signal that it does not catch.
func DeathBy(sig os.Signal) Ending {
	if sig == syscall.SIGQUIT { // the Go runtime prints its stacks and exits
		return Ending{Code: 2}
	}
	return Ending{Signal: sig}
}

// OK reports success.
func (e Ending) OK() bool { return e.Code == 0 && e.Signal == nil }

// Status is the exit status that a shell would see.
func (e Ending) Status() int {
	if e.Signal == nil {
		return e.Code
	}
	return signalStatus(e.Signal)
}

// Die ends this process by the signal, if one ended the child. Else, and where that
// signal cannot be raised, it returns the status to exit with.
func (e Ending) Die() int {
	if e.Signal != nil {
		raise(e.Signal)
	}
	return e.Status()
}
