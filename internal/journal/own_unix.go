//go:build unix

package journal

import (
	"io/fs"
	"os"
	"syscall"
)

// noFollow keeps a link in the place of the journal from choosing what is written to.
const noFollow = syscall.O_NOFOLLOW

func isOwn(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return !ok || int(st.Uid) == os.Geteuid()
}
