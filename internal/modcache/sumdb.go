package modcache

import (
	"errors"
	"os"
	"path/filepath"
)

// badRecord is what the go command says of a checksum database whose records do
// not fit together. It says the same whether they come from the cache, which it
// does not ask for again, or from the network.
var badRecord = compiled(`(?m)verifying (?:module|go\.mod):.*(?:downloaded inconsistent tile|TileReader returned bad result slice|malformed record data|malformed note|malformed tree)`)

func (c *Cache) sumDBsIn(text string) []string {
	if !badRecord().MatchString(text) {
		return nil
	}
	entries, _ := os.ReadDir(c.SumDBDir()) // none: it came from the network
	var list []string
	for _, e := range entries {
		if dir := filepath.Join(c.SumDBDir(), e.Name()); cachesSumDB(dir) {
			list = append(list, dir)
		}
	}
	return list
}

func cachesSumDB(dir string) bool {
	return existing(filepath.Join(dir, "tile")) != "" || existing(filepath.Join(dir, "lookup")) != ""
}

// SetSumDBAside renames what is cached of a checksum database, so that the go
// command asks for it again. The go command authenticates all of it against the
// signed tree head in GOPATH/pkg/sumdb, which is not touched: a database that
// forks or lies is found out as before.
func (c *Cache) SetSumDBAside(dir string) (*Aside, error) {
	if filepath.Dir(dir) != c.SumDBDir() || !cachesSumDB(dir) {
		return nil, nil
	}
	c.at("sumdb-aside")
	return setAside(dir, "", errors.New("its records do not fit together"), cachesSumDB)
}
