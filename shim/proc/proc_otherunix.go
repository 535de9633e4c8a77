//go:build unix && !linux

package proc

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// attributes: only Linux has a parent-death signal. See there for apart.
func attributes(apart bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: apart} }

// diesWithUs is set where a child cannot outlive us.
const diesWithUs = false

// raise ends this process by a signal where the Go runtime allows it: SIGPIPE
// it ignores, and SIGQUIT would print a stack trace.
func raise(sig os.Signal) {
	n, ok := sig.(syscall.Signal)
	if !ok || n == syscall.SIGPIPE || n == syscall.SIGQUIT {
		return
	}
	signal.Reset(sig)
	syscall.Kill(os.Getpid(), n)
	time.Sleep(100 * time.Millisecond)
}

// ignored: what os/signal does not know is not told without a system call of
// each platform's own.
func ignored(os.Signal) bool { return false }

// stopSelf stops this process for good: the Go runtime does not give the
// default disposition of SIGTSTP back.
func stopSelf() { syscall.Kill(os.Getpid(), syscall.SIGSTOP) }
