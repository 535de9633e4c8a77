package modcache

import (
	"io/fs"
	"path/filepath"
	"strings"
)

// sumDBs lists what is cached of checksum databases. A name may have slashes.
func (c *Cache) sumDBs() []string {
	var list []string
	filepath.WalkDir(c.SumDBDir(), func(dir string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return nil
		case strings.Contains(d.Name(), quarantineMark):
			return fs.SkipDir
		case cachesSumDB(dir):
			list = append(list, dir)
			return fs.SkipDir
		}
		return nil
	})
	return list
}

func cachesSumDB(dir string) bool {
	return existing(filepath.Join(dir, "tile")) != "" || existing(filepath.Join(dir, "lookup")) != ""
}

// QuarantineSumDB renames what is cached of a checksum database, so that the go
// command asks for it again. The go command authenticates all of it against the
// signed tree head in GOPATH/pkg/sumdb, which is not touched: a database that
// forks or lies is found out as before.
func (c *Cache) QuarantineSumDB(dir string) (*Quarantine, error) {
	if !strings.HasPrefix(dir, c.SumDBDir()+string(filepath.Separator)) || !cachesSumDB(dir) {
		return nil, nil
	}
	c.at("sumdb-aside")
	return quarantine(dir, "", cachesSumDB)
}
