//go:build unix

package shim

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

// TestKillAll: what a child that was started apart has started ends with it.
func TestKillAll(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh")
	}
	told := filepath.Join(t.TempDir(), "pid")
	c, err := start(spec{
		path: sh, args: []string{"-c", `sleep 600 & echo $! >"$0".tmp && mv "$0".tmp "$0" && wait`, told},
		environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr, apart: true,
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
	if sid, err := unix.Getsid(grandchild); err != nil || sid != c.proc.Pid {
		t.Errorf("it is in session %d (%v), and could read from our terminal", sid, err)
	}
	killAll(c, nil)
	if e, err := c.wait(nil); err != nil || e.signal != syscall.SIGTERM && e.signal != syscall.SIGKILL {
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
