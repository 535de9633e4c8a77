//go:build unix

package install

import (
	"os"
	"syscall"
)

// ownerID returns the user that a file belongs to.
func ownerID(fi os.FileInfo) (uid int, ok bool) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(st.Uid), true
}

// sameOwner reports whether two files are of one owner, group and mode, and of one
// name each: a rename changes nothing but the content then.
func sameOwner(a, b os.FileInfo) bool {
	x, okX := a.Sys().(*syscall.Stat_t)
	y, okY := b.Sys().(*syscall.Stat_t)
	return okX && okY && a.Mode() == b.Mode() && x.Uid == y.Uid && x.Gid == y.Gid && x.Nlink == y.Nlink
}

// giveTo gives a file the owner and the group of another, as far as we may.
func giveTo(name string, of os.FileInfo) {
	if st, ok := of.Sys().(*syscall.Stat_t); ok {
		_ = os.Lchown(name, int(st.Uid), int(st.Gid)) // sameOwner tells whether that worked
	}
}
