package policy

import (
	"errors"
	"io/fs"
	"path/filepath"
)

func systemDir(getenv func(string) string) string {
	if dir := getenv("ProgramData"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "gosteady")
	}
	return ""
}

func userDir(getenv func(string) string) string {
	for _, name := range []string{"XDG_CONFIG_HOME", "AppData"} {
		if dir := getenv(name); filepath.IsAbs(dir) {
			return filepath.Join(dir, "gosteady")
		}
	}
	return ""
}

func homeDir(getenv func(string) string) string { return getenv("USERPROFILE") }

func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// sameOwnerAndDevice is true: a walk up a path never leaves the volume, and
// owners are not part of what a file's mode says here.
func sameOwnerAndDevice(a, b fs.FileInfo) bool { return true }

// believable leaves the matter to access lists, which a mode does not show.
func believable(Layer, fs.FileInfo, bool) error { return nil }
