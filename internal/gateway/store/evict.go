package store

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/robust"
)

// kept is how much of the allowed size is left after making room, in percent, so that
// it need not be made for each file.
const kept = 90

// measure finds out how large the store is.
func (s *Store) measure() {
	var sum int64
	s.walk(func(_ string, fi fs.FileInfo) { sum += fi.Size() })
	s.size.Add(sum)
	s.makeRoom()
}

// walk shows all files that make the store large, also those of answers. What cannot be
// looked at is not shown, nor what has no seal: somebody may have named a directory that
// has other things in it, and those are not ours to remove.
func (s *Store) walk(show func(name string, fi fs.FileInfo)) {
	filepath.WalkDir(s.dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case d.IsDir() && name == filepath.Join(s.dir, ownDir, tempDir):
			return fs.SkipDir
		case !d.Type().IsRegular() || strings.HasSuffix(name, sealSuffix) || !s.owns(name):
			return nil
		}
		if fi, err := d.Info(); err == nil {
			show(name, fi)
		}
		return nil
	})
}

// owns reports whether a file is the store's.
func (s *Store) owns(name string) bool {
	if strings.HasPrefix(name, filepath.Join(s.dir, ownDir)+string(filepath.Separator)) {
		return true
	}
	_, err := os.Lstat(name + sealSuffix)
	return err == nil
}

// makeRoom starts to remove files, if there is need to.
func (s *Store) makeRoom() {
	max := s.max.Load()
	if max <= 0 || s.size.Load() <= max || !s.evicting.CompareAndSwap(false, true) {
		return
	}
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		defer s.evicting.Store(false)
		s.evict(max * kept / 100)
	}()
}

// A candidate is a file that can be removed.
type candidate struct {
	name string
	size int64
	used time.Time
}

// evict removes what was used least recently, until the store is small enough. It looks
// at what is there: other processes store and remove as well.
func (s *Store) evict(target int64) {
	var list []candidate
	var sum int64
	s.walk(func(name string, fi fs.FileInfo) {
		sum += fi.Size()
		if !s.stays(name) {
			list = append(list, candidate{name, fi.Size(), s.lastUse(name, fi)})
		}
	})
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(a.used.Compare(b.used), strings.Compare(a.name, b.name))
	})
	lists := make(map[string]bool)
	for _, c := range list {
		if sum <= target {
			break
		}
		if !s.evictOne(c.name) {
			continue
		}
		sum -= c.size
		if dir, ok := strings.CutSuffix(c.name, ".zip"); ok {
			_ = robust.Remove(dir + ".ziphash") // of no zip any more
			lists[filepath.Dir(c.name)] = true
		}
	}
	s.size.Store(sum)
	for dir := range lists {
		s.list(dir)
	}
}

// stays reports whether a file is never removed to make room: it belongs to others, or is
// what is known of a checksum database's past.
func (s *Store) stays(name string) bool {
	base := filepath.Base(name)
	return base == "list" || base == "list.lock" || filepath.Ext(base) == ".ziphash" ||
		strings.HasPrefix(name, s.Own("sumdb")+string(filepath.Separator))
}

// evictOne removes a file, unless it is being read.
func (s *Store) evictOne(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock() // nobody begins to read it meanwhile
	if u := s.uses[name]; u != nil {
		if u.reading > 0 {
			return false
		}
		delete(s.uses, name)
	}
	if os.Remove(name) != nil {
		return false // another process has it, or reads it on Windows
	}
	_ = os.Remove(name + sealSuffix)
	s.evicted.Add(1)
	return true
}

// lastUse is when a file was used last by anyone.
func (s *Store) lastUse(name string, fi fs.FileInfo) time.Time {
	last := fi.ModTime()
	if sealed, err := os.Lstat(name + sealSuffix); err == nil && sealed.ModTime().After(last) {
		last = sealed.ModTime()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.uses[name]; u != nil && u.last.After(last) {
		last = u.last
	}
	return last
}
