package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/robust"
	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/mod/module"
)

// A Body is what is stored.
type Body interface {
	io.ReaderAt
	Size() int64
}

// Put stores an item's file. from is the upstream whose clients alone may have it; ""
// for what everyone may have. hash is the "h1:" of a zip that was verified, else "".
func (s *Store) Put(it modproxy.Item, body Body, from, hash string) error {
	name, err := s.path(it)
	if err != nil {
		return err
	}
	if s.trouble.pauses(s.now()) {
		return ErrPaused
	}
	err = s.put(name, body, from)
	if err == nil && it.Kind == modproxy.Zip && hash != "" {
		err = s.write(strings.TrimSuffix(name, ".zip")+".ziphash", strings.NewReader(hash), forAll, false)
	}
	if err == nil && it.Kind == modproxy.Zip {
		s.list(filepath.Dir(name))
	}
	s.trouble.note(err, s.now(), s.logf)
	if err == nil {
		s.makeRoom()
	}
	return err
}

func (s *Store) put(name string, body Body, from string) error {
	l, err := sealOf(io.NewSectionReader(body, 0, body.Size()))
	if err != nil {
		return err
	}
	if from != "" {
		l.from = []string{from}
	}
	old, err := readSeal(name)
	if err == nil && old.hash == l.hash && (len(old.from) == 0 || from != "") {
		l.from = old.from
		if !old.admits(from) {
			l.from = append(slices.Clone(old.from), from)
		}
	}
	if err := makeDir(filepath.Dir(name)); err != nil {
		return err
	}
	if err := s.write(name+sealSuffix, strings.NewReader(l.String()), forAll, false); err != nil {
		return err
	}
	before, mode := sizeOf(name), forAll
	if len(l.from) > 0 {
		mode = forSome
	}
	if err := s.write(name, io.NewSectionReader(body, 0, body.Size()), mode, true); err != nil {
		return err
	}
	s.size.Add(body.Size() - before)
	return nil
}

func sizeOf(name string) int64 {
	if fi, err := os.Lstat(name); err == nil {
		return fi.Size()
	}
	return 0
}

// Modes of files: of those for everyone, and of those that not every user of this machine
// may have who could ask for them.
const (
	forAll  fs.FileMode = 0o644 // for those who serve the store, or copy it
	forSome fs.FileMode = 0o600
)

// write writes a file beside and renames it into place. durable waits for the disk.
func (s *Store) write(name string, content io.Reader, mode fs.FileMode, durable bool) error {
	f, err := os.CreateTemp(s.temp, "*")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err == nil && durable {
		err = f.Sync()
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = robust.Rename(f.Name(), name)
	}
	if err != nil {
		_ = robust.Remove(f.Name())
	}
	return err
}

// list writes the versions whose zips are here, as GOPROXY=file:// needs them: those
// that the upstream has besides could not be fetched from there.
func (s *Store) list(dir string) {
	unlock, err := lockedfile.MutexAt(filepath.Join(dir, "list.lock")).Lock()
	if err != nil {
		return // the directory is gone, or read-only: as before
	}
	defer unlock()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var versions []string
	for _, e := range entries {
		escaped, isZip := strings.CutSuffix(e.Name(), ".zip")
		if v, err := module.UnescapeVersion(escaped); isZip && err == nil && !module.IsPseudoVersion(v) {
			versions = append(versions, v)
		}
	}
	text := strings.Join(versions, "\n")
	if text != "" {
		text += "\n"
	}
	_ = s.write(filepath.Join(dir, "list"), strings.NewReader(text), forAll, false) // the next zip writes it again
}

// trouble is whether storing fails.
type trouble struct {
	mu    sync.Mutex
	err   error
	until time.Time
}

const pause = time.Minute

// Fails reports whether nothing is stored at the moment.
func (s *Store) Fails() bool { return s.trouble.pauses(s.now()) }

func (t *trouble) pauses(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err != nil && now.Before(t.until)
}

// note remembers how storing went. The first failure of a row is said, and the end of
// the row.
func (t *trouble) note(err error, now time.Time, logf func(string, ...any)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil && t.err != nil:
		logf("files are stored again")
	case err != nil && t.err == nil:
		logf("nothing is stored: %v; requests are still answered from the upstreams", err)
	}
	t.err, t.until = err, now.Add(pause)
}

func (t *trouble) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		return ""
	}
	return t.err.Error()
}

func makeDir(dir string) error { return os.MkdirAll(dir, 0o777) }
