//go:build !windows

package prefetch

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockPrefetch makes us the one who fetches ahead for a module cache: twenty
// commands at once would fetch everything twenty times. The lock is on the
// directory itself, which go does not lock, so that no file is left behind. It
// reports false if another process of ours has it: whoever can read the directory
// can lock it, and another user must not slow us down.
func lockPrefetch(modcache string) (unlock func(), ok bool) {
	dir, err := os.Open(modcache)
	if err != nil {
		return func() {}, true // there is no cache yet, hence nobody else
	}
	err = unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		defer dir.Close()
		if lockedByOther(dir) {
			return func() {}, true
		}
		return nil, false
	}
	return func() { dir.Close() }, true // no locks here: fetch ahead nevertheless
}
