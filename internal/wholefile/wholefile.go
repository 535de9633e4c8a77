// Package wholefile writes the small files of the state directory, which
// several processes read and write at once: a reader sees all of a file or what
// was there before, and a full disk costs the new text, never the old one.
package wholefile

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/gosteady/gosteady/internal/robust"
)

// Write puts a file in place by rename, with what fill writes. The file, and
// folders that are missing, are for the user alone. Nothing is left where it
// fails.
func Write(file string, fill func(io.Writer) error) error {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "*.tmp")
	if err != nil {
		return err
	}
	err = errors.Join(fill(f), f.Close())
	if err == nil {
		err = robust.Rename(f.Name(), file)
	}
	if err != nil {
		_ = robust.Remove(f.Name()) // it may be there or not
	}
	return err
}

// WriteString is Write with a text.
func WriteString(file, text string) error {
	return Write(file, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// Update replaces a file by what change makes of it; of one that cannot be read, of
// nothing. Those who update a file at once do so one after another, so that each sees
// what the others have written. Where there are no locks, the last one wins.
func Update(file string, change func(old []byte) (string, error)) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if unlock, err := lockedfile.MutexAt(file + ".lock").Lock(); err == nil {
		defer unlock()
	}
	old, _ := os.ReadFile(file) // none: it is the first
	text, err := change(old)
	if err != nil {
		return err
	}
	return WriteString(file, text)
}
