package stdio

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// SameOpenFile reports whether two descriptors are one open file, as after
// "2>&1". kcmp knows; where it is forbidden (containers), a terminal or pipe
// that is the same file is taken for it, and so is a regular file at the same
// offset.
func SameOpenFile(a, b *os.File) bool {
	const kcmpFile = 0
	pid := uintptr(os.Getpid())
	r, _, errno := syscall.Syscall6(unix.SYS_KCMP, pid, pid, kcmpFile, a.Fd(), b.Fd(), 0)
	if errno == 0 && r == 0 {
		return true
	}
	fa, errA := a.Stat()
	fb, errB := b.Stat()
	if errA != nil || errB != nil || !os.SameFile(fa, fb) {
		return false
	}
	if !fa.Mode().IsRegular() {
		return true // two descriptors of one terminal or pipe: their bytes meet all the same
	}
	return errno != 0 && sameOffset(a, b)
}

func sameOffset(a, b *os.File) bool {
	offA, errA := unix.Seek(int(a.Fd()), 0, 1)
	offB, errB := unix.Seek(int(b.Fd()), 0, 1)
	return errA == nil && errB == nil && offA == offB
}
