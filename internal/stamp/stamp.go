// Package stamp keeps what makes a go command sure to fetch nothing, from one run to
// the next: that a run with the same module files, settings and arguments had all that
// it needed, which directories of the module cache there were, and what the source files
// imported. The next run then goes to the real go at once.
//
// What a stamp cannot see is damage within a directory of the module cache. Whoever
// meets that tries again, so a command that is repeated soon is watched once: see
// [Stamp.Next].
package stamp

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/wholefile"
)

const (
	life    = 6 * time.Hour    // of a stamp
	soon    = time.Minute      // within which a repeated command may be a second try
	trusted = 15 * time.Minute // for which repeats are not watched once one has passed
)

// maxSize bounds the file of a stamp: it has a line for each module and source file.
const maxSize = 4 << 20

// A Stamp is what one run of a command has shown.
type Stamp struct {
	Loaded  time.Time // when that run began
	Trusted time.Time // until when repeats are not watched
	Modules []Entry   // files and directories of the module cache that have to be there
	Sources *Sources  // nil where they have no say

	passed time.Time // when the real go last went by it; zero: never
}

// An Entry is a file or directory, when it was written last, and how large it was.
type Entry struct {
	Path string
	Time int64 // in nanoseconds since 1970
	Size int64
}

// Look is the entry of a path as it is now.
func Look(path string) (Entry, bool) {
	fi, err := os.Stat(path)
	if err != nil {
		return Entry{}, false
	}
	return Entry{path, fi.ModTime().UnixNano(), fi.Size()}, true
}

func (e Entry) unchanged() bool {
	now, ok := Look(e.Path)
	return ok && now == e
}

// A Step is what to do with a command that has a stamp.
type Step int

// The steps.
const (
	Renew Step = iota // watch it, and make a new stamp
	Watch             // watch it once: it may be somebody's second try
	Pass              // pass it on, and note that
	Trust             // pass it on
)

// Next says what to do with a command now.
func (s *Stamp) Next(now time.Time) Step {
	age, passed := now.Sub(s.Loaded), now.Sub(s.passed)
	switch {
	case age < 0 || age > life:
		return Renew
	case now.Before(s.Trusted) && s.Trusted.Sub(now) <= trusted:
		return Trust
	case s.passed.IsZero() || passed >= soon:
		return Pass
	}
	return Watch
}

// Holds reports whether all that the stamp tells of is as it was.
func (s *Stamp) Holds() bool {
	for _, e := range s.Modules {
		if !e.unchanged() {
			return false
		}
	}
	return s.Sources == nil || s.Sources.hold()
}

// Vouched is the end of the time for which a command is trusted that was watched at a
// second try, and had nothing to fetch.
func Vouched(now time.Time) time.Time { return now.Add(trusted) }

// Note notes in the file of a stamp that the real go goes by it now.
func Note(file string, now time.Time) error { return os.Chtimes(file, now, now) }

// Read reads the file of a stamp.
func Read(file string) (*Stamp, error) {
	f, fi, err := repofile.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := repofile.Content(f, fi, maxSize)
	if err != nil {
		return nil, err
	}
	s, err := decode(data)
	if err != nil {
		return nil, err
	}
	// Write leaves the time at which the run began: some systems keep whole seconds only.
	if fi.ModTime().After(s.Loaded.Add(time.Millisecond)) {
		s.passed = fi.ModTime()
	}
	return s, nil
}

// Write writes the file of a stamp.
func (s *Stamp) Write(file string) error {
	text, err := s.encode()
	if err != nil {
		return err
	}
	if err := wholefile.WriteString(file, text); err != nil {
		return err
	}
	return Note(file, s.Loaded)
}

var errForm = errors.New("not a stamp")

// encode writes one line for each thing: its kind, its time, its size, its name. In the
// first line are the times of the stamp.
func (s *Stamp) encode() (string, error) {
	var b strings.Builder
	line := func(kind byte, time, size int64, name string) {
		fmt.Fprintf(&b, "%c %s %s %s\n", kind, strconv.FormatInt(time, 36), strconv.FormatInt(size, 36), name)
	}
	line('s', s.Loaded.UnixNano(), s.Trusted.UnixNano(), "")
	for _, e := range s.Modules {
		line('m', e.Time, e.Size, e.Path)
	}
	lines := 1 + len(s.Modules)
	if s.Sources != nil {
		lines += s.Sources.encode(line)
	}
	if text := b.String(); len(text) <= maxSize && strings.Count(text, "\n") == lines {
		return text, nil
	}
	return "", errors.New("a name with a line end, or too many")
}

func decode(data []byte) (*Stamp, error) {
	if !bytes.HasSuffix(data, []byte("\n")) {
		return nil, errForm
	}
	s := new(Stamp)
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		words := strings.SplitN(line, " ", 4)
		if len(words) != 4 || (n == 0) != (words[0] == "s") {
			return nil, errForm
		}
		first, err1 := strconv.ParseInt(words[1], 36, 64)
		second, err2 := strconv.ParseInt(words[2], 36, 64)
		if err1 != nil || err2 != nil {
			return nil, errForm
		}
		switch e := (Entry{words[3], first, second}); words[0] {
		case "s":
			s.Loaded, s.Trusted = time.Unix(0, first), time.Unix(0, second)
		case "m":
			s.Modules = append(s.Modules, e)
		default:
			if s.Sources == nil {
				s.Sources = new(Sources)
			}
			if !s.Sources.decode(words[0], e) {
				return nil, errForm
			}
		}
	}
	return s, nil
}
