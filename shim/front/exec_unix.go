//go:build unix

package front

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Exec replaces this process by path. It returns only if that fails.
func Exec(path string, args, env []string) error {
	return syscall.Exec(path, append([]string{path}, args...), env)
}

// executable reports whether we may run the file, as execve would judge it.
func executable(path string, fi fs.FileInfo) bool {
	return fi.Mode().IsRegular() && unix.Access(path, unix.X_OK) == nil
}

// alive reports whether a process exists.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || err == syscall.EPERM
}

// restoreStderr puts the descriptor that was kept for user code back in its
// place.
func restoreStderr(fd int) {
	if fd > 2 && unix.Dup2(fd, 2) == nil {
		unix.Close(fd)
	}
}
