//go:build unix

package repofile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// Nothing of what may lie under a file's name is waited for, or read without end.
func TestNotRegular(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o666); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	targets := []string{fifo, "/dev/zero", "/dev/null", "/dev/tty", dir}
	if runtime.GOOS == "linux" {
		targets = append(targets, fmt.Sprintf("/dev/fd/%d", r.Fd()))
	}
	for _, target := range targets {
		link := filepath.Join(dir, "link")
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{target, link} {
			if _, err := os.Stat(name); err != nil {
				continue // no such device
			}
			if data, err := Read(name, 1<<20); data != nil || !errors.Is(err, ErrNotRegular) {
				t.Errorf("%s: %q, %v", name, data, err)
			}
			if data, err := Head(name, 10); data != nil || !errors.Is(err, ErrNotRegular) {
				t.Errorf("%s: head %q, %v", name, data, err)
			}
		}
		os.Remove(link)
	}
	// A regular file without a size may have no end.
	if data, err := Read("/proc/self/status", 1<<20); runtime.GOOS == "linux" && (len(data) > 0 || err != nil) {
		t.Errorf("/proc/self/status: %q, %v", data, err)
	}
}
