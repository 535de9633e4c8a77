package modcache

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/module"
)

// Gaps returns the versions whose extracted directory lacks a file of their
// zip, or has one of another size, or that was written later, unless that is an
// edit that may well compile. It reads no other contents, so that it can be asked
// before a command whose failure could not be healed: what it returns is to be
// verified, and what it does not return is not proven right. A version without a
// directory has a gap if its zip, of which one would be made, cannot be opened;
// one without a zip has none.
//
// It is not [Cache.Quick], nor a part of it. Quick names each damage, so it
// reads the small files, the zip's local headers and the whole directory for what
// is too much in it: twice the time (BenchmarkGaps), before every command that
// runs the user's code. And Quick knows no times of files, by which Gaps suspects
// a version that only Verify can judge.
func (c *Cache) Gaps(ctx context.Context, versions []module.Version) []module.Version {
	found := make([]bool, len(versions))
	var group sync.WaitGroup
	queue := make(chan int)
	for range min(c.workers(), len(versions)) {
		group.Go(func() {
			for i := range queue {
				found[i] = ctx.Err() == nil && c.hasGap(versions[i])
			}
		})
	}
	for i := range versions {
		queue <- i
	}
	close(queue)
	group.Wait()
	var gaps []module.Version
	for i, gap := range found {
		if gap {
			gaps = append(gaps, versions[i])
		}
	}
	return gaps
}

func (c *Cache) hasGap(m module.Version) bool {
	p, err := c.place(m)
	if err != nil {
		return false
	}
	extracted := existing(p.dir) != ""
	z, err := zip.OpenReader(p.file(Zip))
	if err != nil {
		return !extracted && existing(p.file(Zip)) != ""
	}
	defer z.Close()
	if !extracted {
		return false
	}
	prefix, filled := m.Path+"@"+m.Version+"/", fillTimes{}
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, prefix)
		if !ok || strings.HasSuffix(name, "/") {
			continue
		}
		file := filepath.Join(p.dir, filepath.FromSlash(name))
		fi, err := os.Lstat(file)
		if err != nil {
			return true
		}
		asFilled := uint64(fi.Size()) == f.UncompressedSize64 && !fi.ModTime().After(filled.in(filepath.Dir(file)))
		if !asFilled && !leftAlone(file, name, f) {
			return true
		}
	}
	return false
}

// slowWrite is how long after its making a file may have been written by whoever
// filled the folder.
const slowWrite = 50 * time.Millisecond

// fillTimes are the times after which no file in a folder was written when it was
// filled. A folder's time is that of its last file's making: what is newer was
// changed in place.
type fillTimes map[string]time.Time

func (f fillTimes) in(dir string) time.Time {
	t, ok := f[dir]
	if !ok {
		if fi, err := os.Stat(dir); err == nil {
			t = fi.ModTime().Add(slowWrite)
		}
		f[dir] = t
	}
	return t
}
