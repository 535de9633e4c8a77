package shim

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// childAttr lets the child die with us, also when we are killed with SIGKILL.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// raise ends this process by a signal. The Go runtime has handlers of its own
// (a stack trace for SIGQUIT, nothing for SIGPIPE), so the default disposition
// is put back in the kernel first: a zeroed struct sigaction is SIG_DFL on
// every architecture.
func raise(sig os.Signal) {
	n, ok := sig.(syscall.Signal)
	if !ok {
		return
	}
	var dfl [4]uint64
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(n), uintptr(unsafe.Pointer(&dfl)), 0, 8, 0, 0)
	syscall.Kill(os.Getpid(), n)
	time.Sleep(100 * time.Millisecond) // delivered to some thread, perhaps not before Kill returns
}
