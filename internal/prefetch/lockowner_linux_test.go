package prefetch

import (
	"bufio"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// Another user's lock on the module cache is nothing to go by; one of ours is.
func TestLockOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be another user")
	}
	flock, err := exec.LookPath("flock")
	if err != nil {
		t.Skip(err)
	}
	for _, uid := range []uint32{4321, 0} {
		dir, err := os.MkdirTemp("/tmp", "") // where another user may look
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(flock, dir, "/bin/sh", "-c", "echo locked; read end")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		cmd.Dir = "/"
		in, _ := cmd.StdinPipe()
		out, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			t.Skip(err)
		}
		if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		unlock, ok := lockPrefetch(dir)
		if ok != (uid != 0) {
			t.Errorf("locked by user %d: %v", uid, ok)
		}
		if ok {
			unlock()
		}
		in.Close()
		cmd.Wait()
	}
}

func TestLockHolder(t *testing.T) {
	const locks = "1: POSIX  ADVISORY  WRITE 1 00:1f:7 0 EOF\n2: FLOCK  ADVISORY  WRITE 708 00:1f:7 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 709 00:1f:8 0 EOF\n"
	if got := lockHolder(locks, "00:1f:7"); got != "708" {
		t.Errorf("%q", got)
	}
	if got := lockHolder(locks, "00:1f:8"); got != "" {
		t.Errorf("who waits for a lock has it: %q", got)
	}
}
