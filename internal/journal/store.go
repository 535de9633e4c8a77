package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/gosteady/gosteady/internal/robust"
)

// The files of a store. One old file is kept, so a store holds between one
// and two times maxFile.
const (
	currentName = "journal.jsonl"
	oldName     = "journal.1.jsonl"
	lockName    = "journal.lock"
	maxFile     = 4 << 20
)

// ErrEmpty is returned where no invocation met anything yet.
var ErrEmpty = errors.New("the journal is empty: no go command met a fetch failure yet")

// A Store is the directory that outlives invocations. The zero Store is none:
// it takes and gives nothing.
type Store struct {
	dir     string
	maxFile int64 // 0 means maxFile
}

// OpenStore finds the state directory: $GOSTEADY_STATE ("off" for none), else
// $XDG_STATE_HOME/gosteady, else the system's usual place. Nothing is created
// before something is written, and a home directory that does not exist is
// never made. In a home of another user, as root has it after sudo, there is no
// store: what root made there would be in its owner's way, and where root writes
// would be the owner's to choose.
func OpenStore(getenv func(string) string) Store {
	dir := stateDir(getenv, runtime.GOOS)
	if getenv("GOSTEADY_STATE") == "" && !ownPath(dir, getenv("HOME")) {
		dir = ""
	}
	return Store{dir: dir}
}

// ownPath reports whether a folder that is there, or is to be made, is the effective
// user's: it and all above it up to the home, or outside of that the nearest that exists.
func ownPath(dir, home string) bool {
	for ; dir != ""; dir = filepath.Dir(dir) {
		fi, err := os.Stat(dir)
		switch rel, relErr := filepath.Rel(home, dir); {
		case err == nil && !isOwn(fi):
			return false
		case err == nil && (relErr != nil || rel == "." || !filepath.IsLocal(rel)), dir == filepath.Dir(dir):
			return true
		}
	}
	return true
}

// NewStore is the store in a directory of the caller's choice.
func NewStore(dir string) Store { return Store{dir: dir} }

func stateDir(getenv func(string) string, goos string) string {
	if dir := getenv("GOSTEADY_STATE"); dir != "" {
		if !filepath.IsAbs(dir) {
			return "" // "off", or a directory that would follow us around
		}
		return dir
	}
	home := getenv("HOME")
	var parts []string
	switch goos {
	case "windows":
		home, parts = getenv("LocalAppData"), []string{"gosteady", "state"}
	case "darwin":
		parts = []string{"Library", "Application Support", "gosteady", "state"}
	default:
		parts = []string{".local", "state", "gosteady"}
		if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) && (isDir(dir) || isDir(home)) {
			return filepath.Join(dir, "gosteady") // may have to be made, where people make such things
		}
	}
	if !filepath.IsAbs(home) || !isDir(home) {
		return ""
	}
	return filepath.Join(append([]string{home}, parts...)...)
}

func isDir(dir string) bool {
	fi, err := os.Stat(dir)
	return err == nil && fi.IsDir()
}

// Nothing says why there is nothing in the store: nothing was met, or nothing is kept.
func (s Store) Nothing(getenv func(string) string) string {
	if s.dir == "" {
		if setting := getenv("GOSTEADY_STATE"); setting != "" {
			return "no journal is kept: GOSTEADY_STATE=" + setting
		}
		return "no journal is kept: there is no home directory; set GOSTEADY_STATE to a directory"
	}
	if err := s.writable(); err != nil {
		return fmt.Sprintf("no journal can be kept in %s: %v; set GOSTEADY_STATE to a directory that can be written", s.dir, err)
	}
	return ErrEmpty.Error()
}

// writable reports why the directory, or the one that it would be made in, takes no
// files.
func (s Store) writable() error {
	dir := s.dir
	for {
		fi, err := os.Stat(dir)
		parent := filepath.Dir(dir)
		switch {
		case err == nil && !fi.IsDir():
			return fmt.Errorf("%s is no directory", dir)
		case err == nil:
			f, err := os.CreateTemp(dir, ".gosteady-")
			if err != nil {
				return errors.Unwrap(err)
			}
			return errors.Join(f.Close(), os.Remove(f.Name()))
		case parent == dir:
			return err
		}
		dir = parent
	}
}

// Dir returns the directory, "" if there is none. It need not exist yet.
func (s Store) Dir() string { return s.dir }

// Kept returns the folder for copies of what a person had changed and a repair
// put back, "" if there is none.
func (s Store) Kept() string {
	if s.dir == "" {
		return ""
	}
	return filepath.Join(s.dir, "kept")
}

// Create makes the directory, for the user alone.
func (s Store) Create() error {
	if s.dir == "" {
		return fs.ErrNotExist
	}
	return os.MkdirAll(s.dir, 0o700)
}

// Append writes one invocation as one line. The line goes out in one write in
// append mode, which keeps concurrent writers apart without making any of
// them wait, but on Windows (see lockAppend).
func (s Store) Append(inv Invocation) error {
	line, err := json.Marshal(inv)
	if err != nil {
		return err
	}
	if err := s.Create(); err != nil {
		return err
	}
	size, err := s.appendLine(append(line, '\n'))
	if size > s.limit() {
		s.rotate()
	}
	return err
}

// appendLine returns the size of the file after that.
func (s Store) appendLine(line []byte) (size int64, err error) {
	unlock, err := s.lockAppend()
	if err != nil {
		return 0, err
	}
	defer unlock()
	f, err := robust.OpenFile(s.path(currentName), os.O_APPEND|os.O_CREATE|os.O_WRONLY|noFollow, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = f.Write(line)
	if fi, statErr := f.Stat(); statErr == nil {
		size = fi.Size()
	}
	return size, errors.Join(err, f.Close())
}

// lockAppend keeps writers apart on Windows, where an open file cannot be renamed:
// whoever rotates would fail because of those who write, and they because of it.
func (s Store) lockAppend() (unlock func(), err error) {
	if runtime.GOOS != "windows" {
		return func() {}, nil
	}
	return lockedfile.MutexAt(s.path(lockName)).Lock()
}

func (s Store) path(name string) string { return filepath.Join(s.dir, name) }

func (s Store) limit() int64 {
	if s.maxFile > 0 {
		return s.maxFile
	}
	return maxFile
}

// rotate makes the current file the old one. Under the lock it looks again:
// another process may have done it, and a second rename would lose the old
// file. A writer that still has the renamed file open writes to its end, which
// is as good. Where the rename fails (Windows refuses it while a reader has the file
// open), the next writer tries again.
func (s Store) rotate() {
	unlock, err := lockedfile.MutexAt(s.path(lockName)).Lock()
	if err != nil {
		return
	}
	defer unlock()
	if fi, err := os.Stat(s.path(currentName)); err == nil && fi.Size() > s.limit() {
		_ = os.Rename(s.path(currentName), s.path(oldName))
		s.forgetRequests()
	}
}

// All yields the recorded invocations, oldest first. Lines that cannot be
// read, such as one cut by a full disk, are skipped.
func (s Store) All() iter.Seq[Invocation] {
	return func(yield func(Invocation) bool) {
		if s.dir == "" {
			return
		}
		for _, name := range []string{oldName, currentName} {
			if !readFile(s.path(name), yield) {
				return
			}
		}
	}
}

// readFile yields one file's invocations and reports whether to go on.
func readFile(name string, yield func(Invocation) bool) bool {
	f, err := robust.Open(name)
	if err != nil {
		return true
	}
	defer f.Close()
	return Read(f, yield)
}

// Read yields the invocations of a journal file and reports whether to go on.
func Read(r io.Reader, yield func(Invocation) bool) bool {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		var inv Invocation
		if line = bytes.TrimSpace(line); len(line) > 0 && json.Unmarshal(line, &inv) == nil {
			if !yield(inv) {
				return false
			}
		}
		if err != nil {
			return true
		}
	}
}

// Last returns the last invocation that met a failure, or [ErrEmpty].
func (s Store) Last() (Invocation, error) {
	var last Invocation
	err := ErrEmpty
	for inv := range s.All() {
		if inv.Met() {
			last, err = inv, nil
		}
	}
	return last, err
}
