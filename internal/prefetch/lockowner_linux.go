package prefetch

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// lockedByOther reports whether the lock of a file is known to be another user's.
func lockedByOther(f *os.File) bool {
	var st unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) != nil {
		return false
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return false
	}
	pid := lockHolder(string(locks), fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino))
	return pid != "" && unix.Stat("/proc/"+pid, &st) == nil && int(st.Uid) != os.Geteuid()
}

// lockHolder finds the process in /proc/locks that has a lock by flock(2) on a file;
// "" if there is none. See proc_locks(5).
func lockHolder(locks, file string) (pid string) {
	for line := range strings.Lines(locks) {
		// 1: FLOCK  ADVISORY  WRITE 708 08:01:1572917 0 EOF
		f := strings.Fields(line)
		if len(f) == 8 && f[1] == "FLOCK" && f[5] == file {
			return f[4]
		}
	}
	return ""
}
