//go:build unix

package stdio

import (
	"os"

	"golang.org/x/sys/unix"
)

// KeepStderr returns a descriptor of f that children inherit, and a function
// that closes it.
func KeepStderr(f *os.File) (int, func()) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD, 10) // above what scripts use by hand
	if err != nil {
		return 0, func() {}
	}
	return fd, func() { unix.Close(fd) }
}
