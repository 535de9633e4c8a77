package relay

import (
	"net/url"
	"strings"

	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/module"
)

// A kind is a kind of file that a proxy serves.
type kind = modproxy.Kind

const (
	kindOther     kind = "other" // nothing of the protocol's: never asked for
	kindList           = modproxy.List
	kindLatest         = modproxy.Latest
	kindInfo           = modproxy.Info
	kindMod            = modproxy.Mod
	kindZip            = modproxy.Zip
	kindSupported      = modproxy.Supported
	kindLookup         = modproxy.Lookup
	kindTile           = modproxy.Tile
	kindSumLatest      = modproxy.SumLatest
)

// An item is what a request asks for, whoever is asked.
type item struct {
	kind kind
	path string         // below the proxy's base, unescaped, without a leading slash
	mod  module.Version // unescaped; Version is "" for list and latest, may be a query for info
	db   string         // the checksum database's name
}

// parseItem reads the escaped path that follows an endpoint's base. What is none of
// the protocol's is kindOther.
func parseItem(escaped string) item {
	it, err := modproxy.Parse(escaped)
	if err != nil {
		if p, err := url.PathUnescape(escaped); err == nil {
			escaped = p
		}
		return item{kind: kindOther, path: escaped} // to be shown
	}
	return itemOf(it)
}

// itemOf is for what has a path.
func itemOf(it modproxy.Item) item {
	path, _ := it.Path()
	return item{kind: it.Kind, path: path, mod: it.Mod, db: it.DB}
}

// exact reports whether the item is a file of one version, which never changes
// once it exists, and not the answer to a query.
func (it item) exact() bool { return modproxy.Item{Kind: it.kind, Mod: it.mod}.Exact() }

// query reports whether the item is what some words stand for, "latest" or a
// branch: go asks one entry after another until one can tell.
func (it item) query() bool { return modproxy.Item{Kind: it.kind, Mod: it.mod}.Query() }

// sumdbPath is the path below the checksum database itself.
func (it item) sumdbPath() string {
	return strings.TrimPrefix(it.path, "sumdb/"+it.db)
}

// versionItem is the item of one file of a version; ok is false for a version
// that has no escaped form.
func versionItem(m module.Version, k kind) (it item, ok bool) {
	file := modproxy.Item{Kind: k, Mod: m}
	if _, err := file.Path(); err != nil {
		return item{}, false
	}
	return itemOf(file), true
}

// lookupIn is the item of a checksum database's record of a version.
func (it item) lookupIn(db string) item {
	return itemOf(modproxy.Item{Kind: kindLookup, DB: db, Mod: it.mod})
}

// join returns the URL of an item below a proxy's base.
func join(base *url.URL, it item) *url.URL { return modproxy.Join(base, it.path, it.kind) }
