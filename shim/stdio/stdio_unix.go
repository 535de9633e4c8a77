//go:build unix

package stdio

import (
	"os"
	"time"

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

// glance reads what lies in a pipe, without a wait, and whatever deadline has
// passed. It returns 0 if there is nothing.
func glance(r *os.File, buf []byte) int {
	conn, err := r.SyscallConn()
	if err != nil {
		return 0
	}
	n := 0
	r.SetReadDeadline(time.Time{}) // past it, even this would not read
	conn.Read(func(fd uintptr) bool {
		n, _ = unix.Read(int(fd), buf)
		return true
	})
	return max(n, 0)
}
