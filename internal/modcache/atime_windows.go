package modcache

import (
	"io/fs"
	"syscall"
	"time"
)

// accessTime is when a file was last read, zero if unknown.
func accessTime(fi fs.FileInfo) time.Time {
	data, ok := fi.Sys().(*syscall.Win32FileAttributeData)
	if !ok {
		return time.Time{}
	}
	return time.Unix(0, data.LastAccessTime.Nanoseconds())
}
