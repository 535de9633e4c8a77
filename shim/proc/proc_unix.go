//go:build unix

package proc

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// forwarded are the signals that reach the child through us. Those that the
// Go runtime uses itself, and those that cannot be caught, are not among them.
var forwarded = []os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
	syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH,
	syscall.SIGTSTP, syscall.SIGCONT,
}

// ends reports whether a signal asks us to end: waits stop at once, and
// nothing is run again.
func ends(sig os.Signal) bool {
	switch sig {
	case syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT:
		return true
	}
	return false
}

// pass hands a signal on and reports whether the child got it. A stop stops us
// as well, so that the shell sees both stopped; the continue that ends it comes
// back here and is handed on.
func pass(sig os.Signal, c *Child) bool {
	if sig == syscall.SIGPIPE {
		return false
	}
	taken := c != nil && c.process.Signal(sig) == nil
	if sig == syscall.SIGTSTP {
		stopSelf()
	}
	return taken
}

// Kill ends a child that was started apart, with the git that it may have started,
// which is given time to take its locks out of a clone. gone is closed once somebody
// has waited for the child.
func (c *Child) Kill(gone <-chan struct{}) {
	syscall.Kill(-c.process.Pid, syscall.SIGTERM)
	select {
	case <-gone:
	case <-time.After(killTime):
	}
	syscall.Kill(-c.process.Pid, syscall.SIGKILL) // what is left of the group, if anything is
}

const killTime = 500 * time.Millisecond

// keepPipeErrors turns the SIGPIPE of a write to our own standard output or
// error into an error of that write. It must not be ignored instead: the child
// would inherit that.
func keepPipeErrors(ch chan os.Signal) { signal.Notify(ch, syscall.SIGPIPE) }

func endingOf(state *os.ProcessState) Ending {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return Ending{Signal: ws.Signal()}
	}
	return Ending{Code: state.ExitCode()}
}

// signalStatus is what a shell makes of a death by a signal.
func signalStatus(sig os.Signal) int {
	n, _ := sig.(syscall.Signal)
	return 128 + int(n)
}

// A tree is a process group here.
type tree struct{}

func treeOf(*os.Process) tree { return tree{} }

// endWithUs: see attributes.
func endWithUs() (release func()) { return func() {} }
