//go:build !linux && !windows

package stdio

import "os"

// SameOpenFile reports whether two descriptors lead to one file, as after
// "2>&1".
func SameOpenFile(a, b *os.File) bool {
	fa, errA := a.Stat()
	fb, errB := b.Stat()
	return errA == nil && errB == nil && os.SameFile(fa, fb)
}
