package modcache

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gosteady/gosteady/internal/robust"
)

// A Usage is what a version takes on disk, and when it was last used as far as
// anything tells: the access times of its files, which a file system keeps to
// the day at best, the record of the build cache, or its download.
type Usage struct {
	Module  module.Version `json:"module"`
	Size    int64          `json:"size"`
	LastUse time.Time      `json:"last_use"`
}

// Usage looks at one version.
func (c *Cache) Usage(m module.Version) (Usage, error) {
	p, err := c.place(m)
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Module: m, LastUse: c.Index.LastUse(p.dir)}
	for _, suffix := range []string{Info, Mod, Zip, ZipHash} {
		if fi, err := os.Lstat(p.file(suffix)); err == nil {
			u.add(fi)
		}
	}
	err = filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() { // a folder's access time is that of our own reading
			return nil
		}
		if fi, err := d.Info(); err == nil {
			u.add(fi)
		}
		return nil
	})
	return u, err
}

func (u *Usage) add(fi fs.FileInfo) {
	u.Size += fi.Size()
	for _, t := range []time.Time{fi.ModTime(), accessTime(fi)} {
		if t.After(u.LastUse) {
			u.LastUse = t
		}
	}
}

// KeepsAccessTimes tries out whether the cache's file system notes when a file
// is read. It may be told not to (noatime).
func (c *Cache) KeepsAccessTimes() bool {
	f, err := os.CreateTemp(filepath.Join(c.Dir, "cache"), "gosteady-atime-*.tmp")
	if err != nil {
		return false
	}
	defer robust.Remove(f.Name())
	defer f.Close()
	before := time.Now().Add(-48 * time.Hour)
	if _, err := f.Write([]byte("x")); err != nil || os.Chtimes(f.Name(), before, before) != nil {
		return false
	}
	if _, err := os.ReadFile(f.Name()); err != nil {
		return false
	}
	fi, err := os.Stat(f.Name())
	return err == nil && accessTime(fi).After(before.Add(time.Hour))
}

// Remove deletes a version that was not used since then. It looks again under
// the lock, since another process may have begun to use it. The order is such
// that a go command finds the version absent or incomplete at any time, and
// downloads it again.
func (c *Cache) Remove(ctx context.Context, m module.Version, since time.Time) (removed bool, err error) {
	p, err := c.place(m)
	if err != nil {
		return false, err
	}
	c.at("lock")
	unlock, err := p.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	if u, err := c.Usage(m); err != nil || u.LastUse.After(since) {
		return false, err
	}
	return true, c.remove(p)
}

func (c *Cache) remove(p place) error {
	c.at("partial")
	if err := os.WriteFile(p.file(Partial), nil, 0o666); err != nil {
		return err
	}
	c.at("directory")
	if err := removeAll(p.dir); err != nil {
		return err
	}
	_, err := c.Index.Drop(p.dir)
	if err != nil && err != ErrExternal { // an index of a directory that comes back the same is right
		return err
	}
	c.at("zip")
	if err := removeFiles(p.file(Zip), p.file(ZipHash)); err != nil {
		return err
	}
	c.at("meta")
	if err := removeFiles(p.file(Info), p.file(Mod)); err != nil {
		return err
	}
	c.at("list")
	if err := rewriteList(p.download); err != nil {
		return err
	}
	c.at("unpartial")
	err = removeFiles(p.file(Partial))
	c.at("end")
	return err
}

func removeFiles(files ...string) error {
	for _, file := range files {
		if err := robust.Remove(file); err != nil && !isMissing(err) {
			return err
		}
	}
	return nil
}

// rewriteList makes the list of versions that the download cache has, as
// modfetch.rewriteVersionList does, for those who use it as a file:// proxy.
func rewriteList(download string) error {
	file := filepath.Join(download, "list")
	if _, err := os.Stat(file); err != nil {
		return nil
	}
	return lockedfile.Transform(file, func([]byte) ([]byte, error) {
		entries, err := os.ReadDir(download)
		if err != nil {
			return nil, err
		}
		var list []string
		for _, e := range entries {
			v, ok := strings.CutSuffix(e.Name(), ".mod")
			if ok && v != "" && module.CanonicalVersion(v) == v {
				list = append(list, v)
			}
		}
		semver.Sort(list)
		var buf bytes.Buffer
		for _, v := range list {
			buf.WriteString(v + "\n")
		}
		return buf.Bytes(), nil
	})
}
