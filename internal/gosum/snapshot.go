package gosum

import (
	"bytes"
	"errors"
	"io/fs"
	"os"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/gosteady/gosteady/internal/robust"
)

// A Snapshot is what some go.sum files were at one moment.
type Snapshot struct {
	paths []string
	texts [][]byte // nil for a file that was missing or unreadable
}

// Take reads go.sum files. They need not exist.
func Take(paths ...string) *Snapshot {
	s := &Snapshot{paths: paths, texts: make([][]byte, len(paths))}
	for i, path := range paths {
		if data, err := os.ReadFile(path); err == nil {
			s.texts[i] = data
		}
	}
	return s
}

// Now takes the same files again.
func (s *Snapshot) Now() *Snapshot { return Take(s.paths...) }

// Sums returns what the files vouched for, all together. Malformed lines are for
// go to report.
func (s *Snapshot) Sums() *Sums {
	sums := new(Sums)
	for i, text := range s.texts {
		_ = sums.add(s.paths[i], string(text))
	}
	return sums
}

// Undo takes lines away that have come to the files between s and after, and leaves
// what others have added since. It writes only where there is something to take
// away, under the lock that cmd/go takes for it (modfetch.WriteGoSum).
func (s *Snapshot) Undo(after *Snapshot) error {
	var errs []error
	for i, path := range s.paths {
		if came := newLines(s.texts[i], after.texts[i]); len(came) > 0 {
			errs = append(errs, remove(path, came, s.texts[i] == nil))
		}
	}
	return errors.Join(errs...)
}

// newLines are the lines of after that before has not got.
func newLines(before, after []byte) map[string]bool {
	if bytes.Equal(before, after) {
		return nil
	}
	came := make(map[string]bool)
	for line := range bytes.Lines(after) {
		came[string(bytes.TrimSpace(line))] = true
	}
	for line := range bytes.Lines(before) {
		delete(came, string(bytes.TrimSpace(line)))
	}
	return came
}

// remove takes lines from a file, and the file with the last of them if it is new.
func remove(path string, lines map[string]bool, isNew bool) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil // somebody has removed it since
	}
	empty := false
	err := lockedfile.Transform(path, func(now []byte) ([]byte, error) {
		var kept []byte
		for line := range bytes.Lines(now) {
			if !lines[string(bytes.TrimSpace(line))] {
				kept = append(kept, line...)
			}
		}
		empty = len(kept) == 0
		return kept, nil
	})
	if err == nil && empty && isNew {
		err = robust.Remove(path)
	}
	return err
}
