// Package robust renames, removes and opens files that another process may be
// looking at.
//
// Windows refuses that for as long as an antivirus program, an indexer or a reader
// has the file open: "Access is denied", "The process cannot access the file because
// it is being used by another process". The functions try again for up to two
// seconds there, as cmd/go does for its own files, and once elsewhere. They are for
// what has to happen; what the next process can do as well is left to it, with the
// functions of os.
package robust

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/rogpeppe/go-internal/robustio"
)

// patience is that of robustio.
const patience = 2 * time.Second

// Rename is [os.Rename]. It replaces a read-only file on Windows too, as files of
// the module cache are.
func Rename(from, to string) error {
	if runtime.GOOS == "windows" {
		if fi, err := os.Lstat(to); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o200 == 0 {
			os.Chmod(to, 0o666) // an error shows in the rename
		}
	}
	return robustio.Rename(from, to)
}

// Remove is [os.Remove].
func Remove(name string) error {
	return retry(func() error { return os.Remove(name) })
}

// RemoveAll is [os.RemoveAll].
func RemoveAll(name string) error { return robustio.RemoveAll(name) }

// OpenFile is [os.OpenFile].
func OpenFile(name string, flag int, mode fs.FileMode) (f *os.File, err error) {
	err = retry(func() error {
		f, err = os.OpenFile(name, flag, mode)
		return err
	})
	return f, err
}

// Open is [os.Open].
func Open(name string) (*os.File, error) { return OpenFile(name, os.O_RDONLY, 0) }

// retry is for what a missing file fails at once.
func retry(do func() error) error {
	var begin time.Time
	for pause := time.Millisecond; ; pause = min(2*pause, patience/8) {
		err := do()
		if err == nil || errors.Is(err, fs.ErrNotExist) || !robustio.IsEphemeralError(err) {
			return err
		}
		if begin.IsZero() {
			begin = time.Now()
		}
		if time.Since(begin)+pause > patience {
			return err
		}
		time.Sleep(pause)
	}
}
