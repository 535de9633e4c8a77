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
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/module"
)

// emptyGoMod is the hash of a go.mod of no bytes: never right, see
// modfetch.emptyGoModHash.
const emptyGoMod = "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY="

// Sums are the hashes of one or more go.sum files. The nil *Sums knows
// nothing.
type Sums struct {
	hashes map[module.Version][]string // the version may end in "/go.mod"
}

// Parse reads one file. A malformed line is an error, as it is for the go
// command, but what the other lines say is returned with it.
func Parse(data []byte) (*Sums, error) {
	s := new(Sums)
	return s, s.add("go.sum", string(data))
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
		data, err := os.ReadFile(path)
		if err == nil {
			err = s.add(path, string(data))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return s, errors.Join(errs...)
}

func (s *Sums) add(file, data string) error {
	var first error
	number := 0
	for line := range strings.SplitSeq(data, "\n") {
		number++
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) != 3 {
			if first == nil {
				first = fmt.Errorf("malformed go.sum: %s:%d: wrong number of fields %d", file, number, len(f))
			}
			continue
		}
		if strings.HasPrefix(f[2], "h1:") && f[2] != emptyGoMod {
			s.put(module.Version{Path: f[0], Version: f[1]}, f[2])
		}
	}
	return first
}

func (s *Sums) put(m module.Version, hash string) {
	for _, h := range s.hashes[m] {
		if h == hash {
			return
		}
	}
	if s.hashes == nil {
		s.hashes = make(map[module.Version][]string)
	}
	s.hashes[m] = append(s.hashes[m], hash)
}

// Zip returns the hashes of a version's zip; nil if unknown.
func (s *Sums) Zip(m module.Version) []string {
	if s == nil {
		return nil
	}
	return s.hashes[m]
}

// GoMod returns the hashes of a version's go.mod; nil if unknown.
func (s *Sums) GoMod(m module.Version) []string {
	m.Version += "/go.mod"
	return s.Zip(m)
}

// Names reports whether a version is mentioned at all, so that it once
// existed.
func (s *Sums) Names(m module.Version) bool {
	return s.Zip(m) != nil || s.GoMod(m) != nil
}

// Versions returns every version that is mentioned, sorted.
func (s *Sums) Versions() []module.Version {
	if s == nil {
		return nil
	}
	seen := make(map[module.Version]bool)
	var list []module.Version
	for m := range s.hashes {
		m.Version = strings.TrimSuffix(m.Version, "/go.mod")
		if !seen[m] {
			seen[m] = true
			list = append(list, m)
		}
	}
	module.Sort(list)
	return list
}
