package gosum

import (
	"bytes"
	"errors"
	"io/fs"
	"os"

	"github.com/rogpeppe/go-internal/lockedfile"
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

// Undo takes back what happened to the files between s and after, and keeps what
// others have added since. It writes only where there is something to take back,
// under the lock that cmd/go takes for it (modfetch.WriteGoSum).
func (s *Snapshot) Undo(after *Snapshot) error {
	var errs []error
	for i, path := range s.paths {
		if !bytes.Equal(s.texts[i], after.texts[i]) {
			errs = append(errs, undo(path, s.texts[i], after.texts[i]))
		}
	}
	return errors.Join(errs...)
}

func undo(path string, before, after []byte) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && after != nil {
		return nil // somebody has removed it since
	}
	empty := false
	err := lockedfile.Transform(path, func(now []byte) ([]byte, error) {
		text := without(now, before, after)
		empty = len(text) == 0
		return text, nil
	})
	if err == nil && empty && before == nil {
		err = os.Remove(path)
	}
	return err
}

// without returns the text of now without what has come from before to after.
func without(now, before, after []byte) []byte {
	if bytes.Equal(now, after) {
		return before
	}
	had, came := lineSet(before), lineSet(after)
	var kept []byte
	for line := range bytes.Lines(now) {
		if l := bytes.TrimSpace(line); had[string(l)] || !came[string(l)] {
			kept = append(kept, line...)
		}
	}
	return kept
}

func lineSet(text []byte) map[string]bool {
	lines := make(map[string]bool)
	for line := range bytes.Lines(text) {
		lines[string(bytes.TrimSpace(line))] = true
	}
	return lines
}
