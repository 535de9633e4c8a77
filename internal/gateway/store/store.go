// Package store keeps files of module versions on disk, for a module proxy.
//
// # Layout
//
// A store is a directory that looks like GOMODCACHE/cache/download, so that
// GOPROXY=file://STORE serves it:
//
//	example.com/hello/@v/list
//	example.com/hello/@v/v1.0.0.info .mod .zip .ziphash
//	sumdb/sum.golang.org/supported lookup/… tile/…
//
// What is ours alone lies in .gateway, which is no module path. Beside each file is its
// seal: the hash of its bytes, and from which upstream it is, if it is for those alone
// who ask that one. A seal is written before its file. A file without its seal, or of
// other bytes, is not there: that is how a process that was killed, a disk that lost the
// end of a file and a stranger's copy are met. Each file is compared with its seal when
// this process opens it first, and again when the file has changed.
//
// # Several processes
//
// Any number may use one store. A file is written beside and renamed over; a version
// never changes, so it does not matter who comes last. What a process that died left
// half written lies in a directory of its own, which the next one removes.
//
// # Bounds
//
// Beyond the size that is allowed, the files go that were used least recently, by the
// times of their seals, and never one that this process is reading. What has no seal is
// not the store's: it neither counts nor goes. On a full disk
// nothing more is stored for a minute at a time, and [Stats] says so.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/module"
)

const (
	ownDir  = ".gateway" // below it is what is no module file
	tempDir = "tmp"
)

// ErrPaused is why nothing is stored for a while: the disk was full, or could not be
// written to.
var ErrPaused = errors.New("nothing is stored for a minute, since that failed")

// Config says where a store is and how large. Dir is needed.
type Config struct {
	Dir  string           // absolute; made if it is missing
	Max  int64            // bytes; 0: no limit
	Now  func() time.Time // zero: time.Now
	Logf func(format string, args ...any)
}

// A Store is safe for concurrent use.
type Store struct {
	dir  string
	temp string // of files that are being written
	max  atomic.Int64
	now  func() time.Time
	logf func(string, ...any)

	size     atomic.Int64 // of all files, as far as this process knows
	evicting atomic.Bool
	evicted  atomic.Int64 // files
	unlock   func()
	done     sync.WaitGroup

	trouble trouble
	mu      sync.Mutex
	uses    map[string]*use // by file
}

// Open opens a store. What dead processes left is removed; how large the store is, is
// found out meanwhile.
func Open(c Config) (*Store, error) {
	s := &Store{dir: c.Dir, now: c.Now, logf: c.Logf, uses: make(map[string]*use)}
	if s.now == nil {
		s.now = time.Now
	}
	if s.logf == nil {
		s.logf = func(string, ...any) {}
	}
	s.max.Store(c.Max)
	all := filepath.Join(s.dir, ownDir, tempDir)
	if err := os.MkdirAll(all, 0o777); err != nil {
		return nil, fmt.Errorf("the store cannot be made: %w; name another directory with --store", err)
	}
	removeDead(all)
	var err error
	if s.temp, s.unlock, err = lockedDir(all); err != nil {
		return nil, fmt.Errorf("the store cannot be written to: %w; name another directory with --store", err)
	}
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		s.measure()
	}()
	return s, nil
}

// Close removes what only this process needs.
func (s *Store) Close() error {
	s.done.Wait()
	s.unlock()
	return os.RemoveAll(s.temp)
}

// Dir is where the store is.
func (s *Store) Dir() string { return s.dir }

// Limit changes how large the store may become.
func (s *Store) Limit(max int64) {
	s.max.Store(max)
	s.makeRoom()
}

// Stats are for people and machines that watch a store.
type Stats struct {
	Bytes, Max int64
	Evicted    int64 // files, by this process
	Trouble    string
}

// Stats returns what is known of the store.
func (s *Store) Stats() Stats {
	return Stats{s.size.Load(), s.max.Load(), s.evicted.Load(), s.trouble.String()}
}

// path is where an item lies. Only the files of canonical versions and what is
// checksum databases' have a place.
func (s *Store) path(it modproxy.Item) (string, error) {
	if !it.Exact() && !it.Kind.SumDB() {
		return "", fmt.Errorf("%v is not a file of one version: %w", it.Kind, fs.ErrNotExist)
	}
	below, err := it.Path()
	if err != nil {
		return "", err
	}
	return filepath.Join(s.dir, filepath.FromSlash(below)), nil
}

// Purge removes all files of a version, also those of its records in checksum
// databases, and returns how many there were.
func (s *Store) Purge(m module.Version) (int, error) {
	var files []string
	for _, k := range []modproxy.Kind{modproxy.Zip, modproxy.Mod, modproxy.Info} {
		file, err := s.path(modproxy.Item{Kind: k, Mod: m})
		if err != nil {
			return 0, fmt.Errorf("%s@%s is not a module version such as example.com/hello@v1.0.0", m.Path, m.Version)
		}
		files = append(files, file)
	}
	lookup, err := (modproxy.Item{Kind: modproxy.Lookup, DB: "x", Mod: m}).DatabasePath()
	if err != nil {
		return 0, err
	}
	if found, err := filepath.Glob(filepath.Join(s.dir, "sumdb", "*", filepath.FromSlash(lookup))); err == nil {
		files = append(files, found...)
	}
	n := 0
	for _, file := range files {
		removed, err := s.remove(file)
		if err != nil {
			return n, err
		}
		if removed {
			n++
		}
	}
	if n > 0 {
		s.list(filepath.Dir(files[0]))
	}
	return n, nil
}

// Own is a directory below the store for what is no module file.
func (s *Store) Own(name string) string { return filepath.Join(s.dir, ownDir, name) }
