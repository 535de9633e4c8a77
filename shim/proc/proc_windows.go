package proc

import (
	"os"
	"syscall"

	"golang.org/x/sys/windows"

	"github.com/gosteady/gosteady/shim/front"
)

// forwarded: console control events reach the child by themselves, since it
// shares our console; we only must not die of them before it.
var forwarded = []os.Signal{os.Interrupt}

func ends(sig os.Signal) bool { return sig == os.Interrupt }

func pass(_ os.Signal, c *Child) bool { return c != nil }

func ignored(os.Signal) bool { return false }

func keepPipeErrors(chan os.Signal) {}

func endingOf(state *os.ProcessState) Ending { return Ending{Code: state.ExitCode()} }

// signalStatus is what ends a program that does not handle Ctrl-C or Ctrl-Break.
func signalStatus(os.Signal) int {
	status := uint32(windows.STATUS_CONTROL_C_EXIT) // a constant would not fit into an int of 32 bits
	return int(status)
}

func raise(os.Signal) {}

// diesWithUs is set where a child cannot outlive us.
const diesWithUs = true

func attributes(bool) *syscall.SysProcAttr { return nil }

// Kill ends a child that was started apart, with all that it has started.
func (c *Child) Kill(<-chan struct{}) {
	if c.tree.job == 0 || windows.TerminateJobObject(c.tree.job, 1) != nil {
		c.process.Kill()
	}
}

// A tree is a job object inside the one of front.EndWithUs. It is left open: the
// system closes it when we end.
type tree struct{ job windows.Handle }

func treeOf(p *os.Process) tree {
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err != nil {
		return tree{}
	}
	defer windows.CloseHandle(h)
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return tree{}
	}
	if windows.AssignProcessToJobObject(job, h) != nil {
		windows.CloseHandle(job)
		return tree{}
	}
	return tree{job}
}

func endWithUs() (release func()) { return front.EndWithUs() }
