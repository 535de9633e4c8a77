package install

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gosteady/gosteady/internal/robust"
	"golang.org/x/sys/windows"
)

// rename replaces a file, also a program that runs: Windows lets that be renamed, and
// not be written or removed.
func rename(from, to string) error {
	if robust.Rename(from, to) == nil {
		return nil
	}
	aside, err := putAside(to)
	if err != nil {
		return err
	}
	if err := robust.Rename(from, to); err != nil {
		_ = os.Rename(aside, to) // as it was
		return err
	}
	forget(aside)
	return nil
}

// removeFile removes a file, or puts it out of the way until it no longer runs.
func removeFile(name string) error {
	if robust.RemoveAll(name) == nil {
		return nil
	}
	aside, err := putAside(name)
	if err != nil {
		return err
	}
	forget(aside)
	return nil
}

// asidePrefix begins the name of what was put aside.
const asidePrefix = "gosteady-old-"

// putAside renames a file into the directory for temporary files, or beside itself
// where that is on another volume.
func putAside(name string) (string, error) {
	base := fmt.Sprintf(asidePrefix+"%d-%s", time.Now().UnixNano(), filepath.Base(name))
	aside := filepath.Join(os.TempDir(), base)
	if os.Rename(name, aside) == nil {
		return aside, nil
	}
	aside = filepath.Join(filepath.Dir(name), base)
	return aside, os.Rename(name, aside)
}

// forget removes a file, at the next start of the system if it runs until then, and
// those of earlier times that no longer run.
func forget(name string) {
	if old, err := filepath.Glob(filepath.Join(os.TempDir(), asidePrefix+"[0-9]*-*.exe")); err == nil {
		for _, file := range old {
			_ = os.Remove(file) // it runs
		}
	}
	if os.Remove(name) == nil || !isThere(name) {
		return
	}
	if p, err := windows.UTF16PtrFromString(name); err == nil {
		_ = windows.MoveFileEx(p, nil, windows.MOVEFILE_DELAY_UNTIL_REBOOT) // needs an administrator; else it stays in TEMP
	}
}

func syncDir(string) error { return nil } // Windows has no such thing

// Who owns a file is not looked at: what a record says is checked by what lies there.
func ownedBy(os.FileInfo) bool        { return true }
func sameOwner(_, _ os.FileInfo) bool { return true }
func giveTo(string, os.FileInfo)      {}
