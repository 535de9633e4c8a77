package transparency

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a command that runs, with the wait statuses that its parent saw.
type process struct {
	w        *world
	pid      int
	out, err *os.File
	ended    chan syscall.WaitStatus
	stopped  chan syscall.WaitStatus
	rusage   syscall.Rusage
}

// start starts a command in a process group of its own.
func (w *world) start(name string, args ...string) *process {
	w.t.Helper()
	cmd := exec.Command(name, args...)
	return w.startCmd(cmd)
}

// startCmd starts a command whose streams are captured unless they are given.
func (w *world) startCmd(cmd *exec.Cmd) *process {
	w.t.Helper()
	p := &process{w: w, ended: make(chan syscall.WaitStatus, 1), stopped: make(chan syscall.WaitStatus, 10)}
	cmd.Dir, cmd.Env = w.dir, append(w.env, "PWD="+w.dir)
	if cmd.Stdout == nil {
		p.out, p.err = w.temp(), w.temp()
		cmd.Stdout, cmd.Stderr = p.out, p.err
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	p.pid = cmd.Process.Pid
	go p.watch()
	return p
}

func (w *world) temp() *os.File {
	f, err := os.CreateTemp(w.root, "stream-")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { f.Close() })
	return f
}

// watch waits as a shell does, stops included.
func (p *process) watch() {
	for {
		var ws syscall.WaitStatus
		_, err := syscall.Wait4(p.pid, &ws, syscall.WUNTRACED, &p.rusage)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return
		case ws.Stopped():
			p.stopped <- ws
		default:
			p.ended <- ws
			return
		}
	}
}

// wait returns the outcome, or fails the test after d.
func (p *process) wait(d time.Duration) outcome {
	p.w.t.Helper()
	select {
	case ws := <-p.ended:
		return outcome{ws, p.text(p.out), p.text(p.err)}
	case <-time.After(d):
		o := outcome{0, p.text(p.out), p.text(p.err)}
		p.w.endAll()
		p.w.t.Fatalf("%s: still runs after %v\n%v", p.w.side, d, o)
	}
	panic("unreachable")
}

func (p *process) text(f *os.File) string {
	if f == nil {
		return ""
	}
	data, err := os.ReadFile(f.Name())
	if err != nil {
		p.w.t.Fatal(err)
	}
	return p.w.hide(string(data))
}

// signal sends a signal to the process or to its group.
func (p *process) signal(sig syscall.Signal, group bool) {
	pid := p.pid
	if group {
		pid = -pid
	}
	syscall.Kill(pid, sig)
}

// left are the processes of this world: those that carry its mark.
func (w *world) left() map[int]string {
	left := map[int]string{}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil || !bytes.Contains(data, []byte("PROBEROOT="+w.root+"\x00")) {
			continue
		}
		cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		left[pid] = strings.ReplaceAll(string(cmdline), "\x00", " ")
	}
	return left
}

// gone expects that no process of this world is left soon.
func (w *world) gone() {
	w.t.Helper()
	eventually(w.t, func() string {
		if left := w.left(); len(left) > 0 {
			return fmt.Sprintf("%s: processes are left: %v", w.side, left)
		}
		return ""
	})
}

// endAll kills what is left, by process id.
func (w *world) endAll() {
	for range 5 {
		left := w.left()
		if len(left) == 0 {
			return
		}
		for pid := range left {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
