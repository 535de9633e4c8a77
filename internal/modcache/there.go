package modcache

import (
	"iter"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
)

// A go.sum file names many versions of which the cache has nothing. To find the others,
// folders are listed once instead of asking for each file.

// Extracted yields the versions that may have a directory.
func (c *Cache) Extracted(versions iter.Seq[module.Version]) iter.Seq[module.Version] {
	return there(versions, c.Dir, func(m module.Version) string { return m.Path + "@" + m.Version })
}

// Downloaded yields the versions of modules of which something may have been downloaded.
func (c *Cache) Downloaded(versions iter.Seq[module.Version]) iter.Seq[module.Version] {
	return there(versions, filepath.Join(c.Dir, "cache", "download"), func(m module.Version) string { return m.Path })
}

func there(versions iter.Seq[module.Version], root string, name func(module.Version) string) iter.Seq[module.Version] {
	return func(yield func(module.Version) bool) {
		l := listing{root: root, folders: make(map[string]map[string]bool)}
		for m := range versions {
			if path := name(m); (escapes(path) || l.has(path)) && !yield(m) {
				return
			}
		}
	}
}

// escapes reports whether the cache has another name for a path.
func escapes(path string) bool {
	return strings.ContainsFunc(path, func(c rune) bool { return 'A' <= c && c <= 'Z' })
}

// A listing remembers what folders have in them.
type listing struct {
	root    string
	folders map[string]map[string]bool // by path below the root
}

func (l *listing) has(path string) bool {
	end := strings.LastIndexByte(path, '/')
	if end < 0 {
		return l.names("")[path]
	}
	return l.has(path[:end]) && l.names(path[:end])[path[end+1:]]
}

func (l *listing) names(path string) map[string]bool {
	names, known := l.folders[path]
	if known {
		return names
	}
	entries, _ := os.ReadDir(filepath.Join(l.root, filepath.FromSlash(path))) // none: no modules
	names = make(map[string]bool, len(entries))
	for _, e := range entries {
		names[e.Name()] = true
	}
	l.folders[path] = names
	return names
}
