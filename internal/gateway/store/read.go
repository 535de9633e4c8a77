package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/robust"
)

// maxUses bounds what is remembered of files. What is forgotten costs reading the file
// once more.
const maxUses = 50_000

// A use is what this process knows of a file.
type use struct {
	reading int // how often it is open
	last    time.Time
	noted   time.Time // the last time that is on disk
	seal    seal
	checked fs.FileInfo // the file that has been compared with the seal; nil: none
}

// A File is an open file of the store. Close it.
type File struct {
	*os.File
	Size int64
	Time time.Time // when it was stored
	Hash string    // of its bytes, in hex

	close func()
}

// Close ends the reading.
func (f *File) Close() error {
	err := f.File.Close()
	f.close()
	return err
}

// Open opens an item's file for a client of an upstream. There is none if it was not
// stored, is not for that client, or is damaged: [fs.ErrNotExist].
func (s *Store) Open(it modproxy.Item, from string) (*File, error) {
	name, err := s.path(it)
	if err != nil {
		return nil, err
	}
	u := s.begin(name)
	f, err := s.open(name, u, from)
	if err != nil {
		s.end(u)
		return nil, err
	}
	s.note(name, u)
	f.close = func() { s.end(u) }
	return f, nil
}

// Has reports whether Open would find a file, without looking at its bytes.
func (s *Store) Has(it modproxy.Item, from string) bool {
	name, err := s.path(it)
	if err != nil {
		return false
	}
	fi, err := os.Stat(name)
	if err != nil || !fi.Mode().IsRegular() {
		return false
	}
	s.mu.Lock()
	u := s.uses[name]
	s.mu.Unlock()
	if u != nil {
		if l, known := s.compared(u, fi); known && l.admits(from) {
			return true
		}
	}
	l, err := readSeal(name)
	return err == nil && l.admits(from)
}

// Check compares an item's file with its seal again, though it has not changed since,
// and removes it if they differ.
func (s *Store) Check(it modproxy.Item) {
	if name, err := s.path(it); err == nil {
		s.mu.Lock()
		if u := s.uses[name]; u != nil {
			u.checked = nil
		}
		s.mu.Unlock()
		if f, err := s.Open(it, ""); err == nil {
			f.Close()
		}
	}
}

func (s *Store) open(name string, u *use, from string) (*File, error) {
	f, fi, err := repofile.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	l, err := s.sealed(name, u, f, fi, from)
	if err == nil && !l.admits(from) {
		err = fmt.Errorf("%s is from another upstream: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{File: f, Size: fi.Size(), Time: fi.ModTime(), Hash: l.hash}, nil
}

// sealed returns the seal of an open file, if they agree. What does not agree with its
// seal is removed: nobody can use it.
func (s *Store) sealed(name string, u *use, f *os.File, fi fs.FileInfo, from string) (seal, error) {
	l, known := s.compared(u, fi)
	if known && l.admits(from) {
		return l, nil
	}
	l, err := readSeal(name)
	if err != nil {
		return seal{}, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	if !known && (l.size != fi.Size() || !l.matches(f)) {
		s.logf("%s is damaged, and fetched again", name)
		s.remove(name)
		return seal{}, fmt.Errorf("%s is damaged: %w", name, fs.ErrNotExist)
	}
	s.mu.Lock()
	u.seal, u.checked = l, fi
	s.mu.Unlock()
	return l, nil
}

// compared returns the seal that a file was compared with, unless it has changed since.
func (s *Store) compared(u *use, fi fs.FileInfo) (l seal, known bool) {
	s.mu.Lock()
	l, checked := u.seal, u.checked
	s.mu.Unlock()
	return l, checked != nil && os.SameFile(checked, fi) && checked.Size() == fi.Size() && checked.ModTime().Equal(fi.ModTime())
}

// begin says that a file is about to be read.
func (s *Store) begin(name string) *use {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uses[name]
	if u == nil {
		if len(s.uses) >= maxUses {
			s.forget()
		}
		u = &use{}
		s.uses[name] = u
	}
	u.reading++
	return u
}

func (s *Store) end(u *use) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.reading--
}

// forget drops what nobody reads just now; the lock is held.
func (s *Store) forget() {
	for name, u := range s.uses {
		if u.reading == 0 {
			delete(s.uses, name)
		}
	}
}

// noteEvery is how often the time of a use goes to disk, where other processes and
// later ones see it.
const noteEvery = time.Minute

// note remembers that a file was used.
func (s *Store) note(name string, u *use) {
	now := s.now()
	s.mu.Lock()
	u.last = now
	due := now.Sub(u.noted) >= noteEvery
	if due {
		u.noted = now
	}
	s.mu.Unlock()
	if due {
		_ = os.Chtimes(name+sealSuffix, now, now) // it only makes the file look older
	}
}

// remove removes a file and its seal, and reports whether there was one.
func (s *Store) remove(name string) (bool, error) {
	fi, err := os.Lstat(name)
	if err != nil {
		_ = robust.Remove(name + sealSuffix) // of no file
		return false, nil
	}
	if err := robust.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	_ = robust.Remove(name + sealSuffix) // without its file it is nothing
	s.size.Add(-fi.Size())
	return true, nil
}
