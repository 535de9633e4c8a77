//go:build unix

package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

func systemDir(func(string) string) string { return "/etc/gosteady" }

func userDir(getenv func(string) string) string {
	if dir := getenv("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "gosteady")
	}
	home := homeDir(getenv)
	switch {
	case home == "":
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "gosteady")
	}
	return filepath.Join(home, ".config", "gosteady")
}

func homeDir(getenv func(string) string) string {
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return home
	}
	return ""
}

func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func sameOwnerAndDevice(a, b fs.FileInfo) bool {
	x, okA := a.Sys().(*syscall.Stat_t)
	y, okB := b.Sys().(*syscall.Stat_t)
	return !okA || !okB || x.Uid == y.Uid && x.Dev == y.Dev
}

// believable refuses what somebody else could have written: root's files are
// believed, and so are those of the user who called sudo, in a repository.
func believable(layer Layer, info fs.FileInfo, named bool) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	owner, me := int(st.Uid), os.Geteuid()
	sudo := layer == Repository && me == 0 && os.Getenv("SUDO_UID") == fmt.Sprint(owner)
	mode := info.Mode().Perm()
	switch {
	case mode&0o002 != 0:
		return errors.New("everyone can write to it: chmod o-w")
	case mode&0o020 != 0 && !privateGroup(st):
		return errors.New("its group can write to it: chmod g-w")
	case owner == 0 || owner == me && layer != System || sudo || layer == Repository && named:
		return nil
	}
	return fmt.Errorf("it belongs to another user (uid %d); GOSTEADY_POLICY=FILE uses it all the same", owner)
}

// privateGroup reports whether a file's group is the one that many systems
// give to each user alone, under the user's own number: there the usual umask
// lets the group write, and nobody else is in it.
func privateGroup(st *syscall.Stat_t) bool {
	return st.Gid == st.Uid && st.Uid != 0
}
