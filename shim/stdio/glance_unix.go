//go:build unix

package stdio

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

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
