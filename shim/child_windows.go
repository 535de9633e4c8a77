package shim

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// forwarded: console control events reach the child by themselves, since it
// shares our console; we only must not die of them before it.
var forwarded = []os.Signal{os.Interrupt}

func ends(sig os.Signal) bool { return sig == os.Interrupt }

func pass(_ os.Signal, c *child) bool { return c != nil }

func ignored(os.Signal) bool { return false }

func keepPipeErrors(chan os.Signal) {}

func endingOf(state *os.ProcessState) ending { return ending{code: state.ExitCode()} }

func signalNumber(os.Signal) int { return int(syscall.SIGINT) } // there is no other

func raise(os.Signal) {}

// diesWithUs is set where a child cannot outlive us.
const diesWithUs = true

func childAttr(bool) *syscall.SysProcAttr { return nil }

func killAll(c *child, _ <-chan struct{}) { c.proc.Kill() }

// adopt puts the child into a job object that ends with us. What the child starts
// is not part of it: git leaves a maintenance or a credential cache running, and go
// its telemetry, which must not end where the command does. A system that refuses
// leaves the child as it would be without us.
func adopt(p *os.Process) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info))); err != nil {
		windows.CloseHandle(job)
		return
	}
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err != nil {
		windows.CloseHandle(job)
		return
	}
	defer windows.CloseHandle(h)
	windows.AssignProcessToJobObject(job, h) // the job handle stays open as long as we live
}
