package proc

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attributes lets the child die with us, also when we are killed with SIGKILL.
// One that is apart has no terminal: in the background of ours, an ssh that asks
// for a passphrase would be stopped, with go's lock on the module in its hands.
func attributes(apart bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: apart}
}

// diesWithUs is set where a child cannot outlive us.
const diesWithUs = true

// Kernel dispositions of a signal; the handler comes first in a struct
// sigaction.
const (
	sigDfl = 0
	sigIgn = 1
)

// A sigaction has room for the kernel's struct of that name; the zero value is
// the default disposition.
type sigaction [8]uintptr

func setAction(sig syscall.Signal, to, old *sigaction) {
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(to)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
}

// ignored reports whether a signal is ignored. The os/signal package knows that
// of few: job control is not among them.
func ignored(sig os.Signal) bool {
	n, ok := sig.(syscall.Signal)
	var now sigaction
	if ok {
		setAction(n, nil, &now)
	}
	return now[0] == sigIgn
}

// raise ends this process by a signal. The Go runtime has handlers of its own (a stack
// trace for SIGQUIT, nothing for SIGPIPE), so the default disposition is put back in the
// kernel first.
func raise(sig os.Signal) {
	if n, ok := sig.(syscall.Signal); ok {
		byDefault(n)
	}
}

// stopSelf stops this process as a terminal would, with the same status for the
// shell and, unlike SIGSTOP, with no effect on a job that nobody could let go
// on.
func stopSelf() { byDefault(syscall.SIGTSTP) }

// byDefault lets a signal do to this process what it does by default. Sent to the own
// thread, it is taken before the call returns.
func byDefault(sig syscall.Signal) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var ours sigaction
	setAction(sig, &sigaction{sigDfl}, &ours)
	unix.Tgkill(os.Getpid(), unix.Gettid(), sig)
	setAction(sig, &ours, nil)
}
