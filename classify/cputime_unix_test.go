//go:build unix

package classify

import (
	"syscall"
	"time"
)

// cpuTime is what this process has used, which other processes do not add to.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
