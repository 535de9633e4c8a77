package modcache

import (
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
)

// Files of a version in the download cache, by their suffix.
const (
	Info    = "info"
	Mod     = "mod"
	Zip     = "zip"
	ZipHash = "ziphash"
	Lock    = "lock"
	Partial = "partial"
)

// Modules that the go command stores in the cache under rules of their own.
const (
	toolchainPath = "golang.org/toolchain" // changed after extraction, see ownChange
	fipsPath      = "golang.org/fips140"   // extracted from GOROOT: no zip, no .ziphash
)

// A place is one module version with its names escaped once.
type place struct {
	module.Version
	download string // …/cache/download/<path>/@v
	version  string // escaped
	dir      string // extracted directory
}

func (c *Cache) place(m module.Version) (place, error) {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return place{}, err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return place{}, err
	}
	return place{
		Version:  m,
		download: filepath.Join(c.Dir, "cache", "download", filepath.FromSlash(path), "@v"),
		version:  version,
		dir:      filepath.Join(c.Dir, filepath.FromSlash(path)+"@"+version),
	}, nil
}

func (p place) file(suffix string) string {
	return filepath.Join(p.download, p.version+"."+suffix)
}

// File returns the path of a version's file in the download cache.
func (c *Cache) File(m module.Version, suffix string) (string, error) {
	p, err := c.place(m)
	if err != nil {
		return "", err
	}
	return p.file(suffix), nil
}

// ModuleDir returns the path of a version's extracted directory.
func (c *Cache) ModuleDir(m module.Version) (string, error) {
	p, err := c.place(m)
	return p.dir, err
}

// VCSDir is where clones lie.
func (c *Cache) VCSDir() string { return filepath.Join(c.Dir, "cache", "vcs") }

// SumDBDir is where tiles and lookups of checksum databases lie. (The signed
// tree heads, which guard against a forked database, lie outside the module
// cache, in GOPATH/pkg/sumdb. They are never touched.)
func (c *Cache) SumDBDir() string { return filepath.Join(c.Dir, "cache", "download", "sumdb") }

// Versions lists every version of which the cache has anything, sorted.
func (c *Cache) Versions() ([]module.Version, error) {
	root := filepath.Join(c.Dir, "cache", "download")
	seen := make(map[module.Version]bool)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			return err
		case err != nil:
			return nil // a folder that cannot be read has nothing that can be repaired
		case d.IsDir() && path == c.SumDBDir():
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		if m, ok := versionOf(root, path); ok {
			seen[m] = true
		}
		return nil
	})
	return sorted(seen), err
}

// versionOf reads a module version off the path of a file in the download
// cache. Locks and leftovers are not a version.
func versionOf(root, path string) (module.Version, bool) {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return module.Version{}, false
	}
	return parseDownload(filepath.ToSlash(rel))
}

// parseDownload reads "<path>/@v/<version>.<suffix>".
func parseDownload(rel string) (module.Version, bool) {
	escaped, file, ok := strings.Cut(rel, "/@v/")
	dot := strings.LastIndexByte(file, '.')
	if !ok || dot < 0 {
		return module.Version{}, false
	}
	switch file[dot+1:] {
	case Info, Mod, Zip, ZipHash, Partial:
		return unescape(escaped, file[:dot])
	}
	return module.Version{}, false
}

// unescape accepts only what the go command would have stored: a valid module
// path with a canonical version.
func unescape(path, version string) (module.Version, bool) {
	p, err := module.UnescapePath(path)
	if err != nil {
		return module.Version{}, false
	}
	v, err := module.UnescapeVersion(version)
	if err != nil || module.CanonicalVersion(v) != v || module.Check(p, v) != nil {
		return module.Version{}, false
	}
	return module.Version{Path: p, Version: v}, true
}

func sorted(set map[module.Version]bool) []module.Version {
	list := make([]module.Version, 0, len(set))
	for m := range set {
		list = append(list, m)
	}
	module.Sort(list)
	return list
}
