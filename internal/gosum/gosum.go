// Package gosum reads go.sum files as the go command does.
//
// It answers one question: which hashes does the user's project vouch for? It adds
// none. [Snapshot.Undo] takes back those that a go command has added which failed:
// go writes down the hash of a module before it asks the checksum database about
// it, and leaves it there when that says no. Only "h1:" hashes count, since the go command trusts no other;
// the hash of an empty go.mod, which an old bug wrote, is skipped as cmd/go
// skips it.
package gosum

import (
	"errors"
	"io/fs"
	"iter"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/repofile"
)

// emptyGoMod is the hash of a go.mod of no bytes: never right, see
// modfetch.emptyGoModHash.
const emptyGoMod = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY="

// Sums are the hashes of one or more go.sum files. The nil *Sums knows
// nothing.
type Sums struct{ index index }

// Parse reads one file. A malformed line is an error, as it is for the go
// command, but what the other lines say is returned with it.
func Parse(data []byte) (*Sums, error) {
	s := new(Sums)
	return s, s.index.add("go.sum", data)
}

// ReadFiles reads several files into one set: go.work.sum and the members'
// go.sum files vouch together. A missing file is an empty one. Whatever could
// be read is returned along with an error.
//
// No lock is taken: a reader that meets a half-written file knows less for one
// invocation, and one that waited for a lock would delay every command.
func ReadFiles(paths ...string) (*Sums, error) {
	s := new(Sums)
	var errs []error
	for _, path := range paths {
		data, err := repofile.Read(path, repofile.MaxSum)
		if err == nil {
			err = s.index.add(path, data)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return s, errors.Join(errs...)
}

// Len is how many hashes there are.
func (s *Sums) Len() int {
	if s == nil {
		return 0
	}
	return len(s.index.lines)
}

// goMod ends the version of a go.mod's hash.
const goMod = "/go.mod"

// Zip returns the hashes of a version's zip; nil if unknown.
func (s *Sums) Zip(m module.Version) []string {
	if s == nil {
		return nil
	}
	return s.index.find(m.Path, m.Version)
}

// GoMod returns the hashes of a version's go.mod; nil if unknown.
func (s *Sums) GoMod(m module.Version) []string {
	m.Version += goMod
	return s.Zip(m)
}

// Names reports whether a version is mentioned at all, so that it once
// existed.
func (s *Sums) Names(m module.Version) bool {
	return s.Zip(m) != nil || s.GoMod(m) != nil
}

// Zips yields every version of which a zip's hash is known, once, in no order.
func (s *Sums) Zips() iter.Seq[module.Version] {
	return func(yield func(module.Version) bool) {
		if s == nil {
			return
		}
		for path, version := range s.index.keys() {
			if !strings.HasSuffix(string(version), goMod) && !yield(module.Version{Path: string(path), Version: string(version)}) {
				return
			}
		}
	}
}

// GoMods yields every version of which a go.mod's hash is known, once, in no order.
func (s *Sums) GoMods() iter.Seq[module.Version] {
	return func(yield func(module.Version) bool) {
		if s == nil {
			return
		}
		for path, version := range s.index.keys() {
			if v, ok := strings.CutSuffix(string(version), goMod); ok && !yield(module.Version{Path: string(path), Version: v}) {
				return
			}
		}
	}
}

// Paths are the paths of all modules that are mentioned.
func (s *Sums) Paths() map[string]bool {
	paths := make(map[string]bool)
	if s == nil {
		return paths
	}
	for path := range s.index.keys() {
		if !paths[string(path)] { // which copies nothing
			paths[string(path)] = true
		}
	}
	return paths
}

// Versions returns every version that is mentioned, sorted.
func (s *Sums) Versions() []module.Version {
	if s == nil {
		return nil
	}
	var list []module.Version
	for path, version := range s.index.keys() {
		list = append(list, module.Version{Path: string(path), Version: strings.TrimSuffix(string(version), goMod)})
	}
	module.Sort(list)
	return slices.Compact(list)
}
