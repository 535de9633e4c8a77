//go:build unix

package proc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestKill: what a child that was started apart has started ends with it.
func TestKill(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	told := filepath.Join(t.TempDir(), "pid")
	c, err := Start(Command{
		Path: sh, Args: []string{"-c", `sleep 600 & echo $! >"$0".tmp && mv "$0".tmp "$0" && wait`, told},
		Env: os.Environ(), Files: [3]*os.File{nil, os.Stdout, os.Stderr}, Apart: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	var grandchild int
	waitFor(t, "the grandchild to start", func() bool {
		data, _ := os.ReadFile(told)
		grandchild, err = strconv.Atoi(strings.TrimSpace(string(data)))
		return err == nil
	})
	if sid, err := unix.Getsid(grandchild); err != nil || sid != c.process.Pid {
		t.Errorf("it is in session %d (%v), and could read from our terminal", sid, err)
	}
	c.Kill(nil)
	if e, err := c.Wait(); err != nil || e.Signal != syscall.SIGTERM && e.Signal != syscall.SIGKILL {
		t.Errorf("ended by %v, %v", e, err)
	}
	waitFor(t, "the grandchild to end", func() bool { return gone(grandchild) })
}

// gone reports whether a process has ended, though nobody may have waited for it:
// what is left behind belongs to process 1, which in a container may not care.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain for " + what)
		}
	}
}
