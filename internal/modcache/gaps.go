package modcache

import (
	"archive/zip"
	"context"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
)

// A fit says how an extracted directory looks beside its zip.
type fit int

const (
	whole  fit = iota
	edited     // but for files that somebody may have changed: whether it compiles, only compiling tells
	gap        // not so
)

// Gaps returns the versions whose extracted directory lacks a file of their
// zip, or has one of another size, or that was written later; and, apart from
// them, those of which every such file may be somebody's edit. It reads no
// other contents, so that it can be asked before a command whose failure could not
// be healed: what it returns is to be verified, and what it does not return is not
// proven right. A version without a directory has a gap if its zip, of which one
// would be made, cannot be opened; one without a zip has none.
//
// It is not [Cache.Quick], nor a part of it. Quick names each damage, so it
// reads the small files, the zip's local headers and the whole directory for what
// is too much in it: twice the time (BenchmarkGaps), before every command that
// runs the user's code. And Quick knows no times of files, by which Gaps suspects
// a version that only Verify can judge.
func (c *Cache) Gaps(ctx context.Context, versions []module.Version) (gaps, edits []module.Version) {
	found := make([]fit, len(versions))
	c.parallel(len(versions), func(i int) {
		if ctx.Err() == nil {
			found[i] = c.fit(versions[i])
		}
	})
	for i, m := range versions {
		switch found[i] {
		case gap:
			gaps = append(gaps, m)
		case edited:
			edits = append(edits, m)
		}
	}
	return gaps, edits
}

func (c *Cache) fit(m module.Version) fit {
	p, err := c.place(m)
	if err != nil {
		return whole
	}
	extracted := existing(p.dir) != ""
	z, err := openZip(m, p.file(Zip))
	if err != nil {
		if !extracted && existing(p.file(Zip)) != "" {
			return gap
		}
		return whole
	}
	defer z.Close()
	if !extracted {
		return whole
	}
	filled, worst := fillTimes{}, whole
	for name, f := range z.files() {
		if worst = max(worst, filled.fit(p.path(name), f)); worst == gap {
			break
		}
	}
	return worst
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

func (f fillTimes) fit(file string, entry *zip.File) fit {
	fi, err := os.Lstat(file)
	switch {
	case err != nil:
		return gap
	case uint64(fi.Size()) == entry.UncompressedSize64 && !fi.ModTime().After(f.in(filepath.Dir(file))):
		return whole
	}
	return compare(file, entry)
}
