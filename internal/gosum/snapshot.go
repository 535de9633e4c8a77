package gosum

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/robust"
)

// A Snapshot is what some go.sum files were at one moment.
type Snapshot struct {
	At time.Time // when it was taken

	paths  []string
	texts  [][]byte // nil for a file that was missing or unreadable
	unread []error  // why it could not be read, though it is there
}

// Take reads go.sum files. They need not exist.
func Take(paths ...string) *Snapshot {
	s := &Snapshot{At: time.Now(), paths: paths, texts: make([][]byte, len(paths)), unread: make([]error, len(paths))}
	for i, path := range paths {
		data, err := repofile.Read(path, repofile.MaxSum)
		switch {
		case err == nil:
			s.texts[i] = data
		case !errors.Is(err, fs.ErrNotExist):
			s.unread[i] = err
		}
	}
	return s
}

// Size is how many bytes are kept.
func (s *Snapshot) Size() (n int64) {
	for _, text := range s.texts {
		n += int64(len(text))
	}
	return n
}

// Now takes the same files again.
func (s *Snapshot) Now() *Snapshot { return Take(s.paths...) }

// Sums returns what the files vouched for, all together. Malformed lines are for
// go to report.
func (s *Snapshot) Sums() *Sums {
	sums := new(Sums)
	for i, text := range s.texts {
		_ = sums.index.add(s.paths[i], text)
	}
	return sums
}

// Undo takes lines away that have come to the files between s and after, and leaves
// what others have added since. It writes only where there is something to take
// away, under the lock that cmd/go takes for it (modfetch.WriteGoSum).
//
// Other processes write the same files meanwhile. whose says of each version that
// came whether the go command can have written its lines; if it is in doubt about
// one, nothing is taken away.
func (s *Snapshot) Undo(after *Snapshot, whose func(module.Version) Writer) error {
	came := make([]map[string]bool, len(s.paths))
	for i := range s.paths {
		if err := errors.Join(s.unread[i], after.unread[i]); err != nil {
			return err
		}
		lines, err := ours(newLines(s.texts[i], after.texts[i]), whose)
		if err != nil {
			return err
		}
		came[i] = lines
	}
	var errs []error
	for i, path := range s.paths {
		if len(came[i]) > 0 {
			errs = append(errs, remove(path, came[i], s.texts[i] == nil))
		}
	}
	return errors.Join(errs...)
}

// A Writer is who wrote a line that came to a go.sum file.
type Writer int

// The writers.
const (
	Ours    Writer = iota // the go command that failed
	Others                // another process
	Unknown               // either
)

// ours leaves the lines that the go command has written.
func ours(came map[string]bool, whose func(module.Version) Writer) (map[string]bool, error) {
	for line := range came {
		f := strings.Fields(line)
		if len(f) != 3 {
			delete(came, line) // go writes no such line
			continue
		}
		m := module.Version{Path: f[0], Version: strings.TrimSuffix(f[1], goMod)}
		switch whose(m) {
		case Others:
			delete(came, line)
		case Unknown:
			return nil, fmt.Errorf("the line of %s may be another process's", m)
		}
	}
	return came, nil
}

// newLines are the lines of after that before has not got.
func newLines(before, after []byte) map[string]bool {
	if bytes.Equal(before, after) {
		return nil
	}
	before, after = different(before, after)
	came := make(map[string]bool)
	for line := range bytes.Lines(after) {
		came[string(bytes.TrimSpace(line))] = true
	}
	for line := range bytes.Lines(before) {
		delete(came, string(bytes.TrimSpace(line)))
	}
	return came
}

// different cuts off the lines with which both begin: go keeps them sorted, so what
// came lies in few places.
func different(before, after []byte) (b, a []byte) {
	start := 0
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			break
		}
		if before[i] == '\n' {
			start = i + 1
		}
	}
	return before[start:], after[start:]
}

// remove takes lines from a file, and the file with the last of them if it is new.
func remove(path string, lines map[string]bool, isNew bool) error {
	switch fi, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil // somebody has removed it since
	case err == nil && !fi.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: path, Err: repofile.ErrNotRegular}
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
