package modcache

import (
	"io/fs"
	"syscall"
	"time"
)

// accessTime is when a file was last read, zero if unknown.
func accessTime(fi fs.FileInfo) time.Time {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Time{}
	}
	return time.Unix(st.Atimespec.Sec, st.Atimespec.Nsec)
}
