package relay

import (
	"net/url"
	"path"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// A kind is a kind of file that a proxy serves; its text is what the journal
// says.
type kind string

const (
	kindOther     kind = "other"
	kindList      kind = "list"
	kindLatest    kind = "latest"
	kindInfo      kind = "info"
	kindMod       kind = "mod"
	kindZip       kind = "zip"
	kindSupported kind = "supported" // does the proxy carry this checksum database?
	kindLookup    kind = "lookup"
	kindTile      kind = "tile"
	kindSumLatest kind = "sumdb-latest"
)

// sumdb reports whether a kind belongs to the checksum database.
func (k kind) sumdb() bool {
	switch k {
	case kindSupported, kindLookup, kindTile, kindSumLatest:
		return true
	}
	return false
}

// An item is what a request asks for, whoever is asked.
type item struct {
	kind kind
	path string         // below the proxy's base, unescaped, without a leading slash
	mod  module.Version // unescaped; Version is "" for list and latest, may be a query for info
	db   string         // the checksum database's name
}

// parseItem reads the escaped path that follows an endpoint's base. What it
// does not know is passed through as kindOther.
func parseItem(escaped string) item {
	p, err := url.PathUnescape(escaped)
	if err != nil {
		p = escaped
	}
	it := item{kind: kindOther, path: p}
	if escapedMod, file, ok := strings.Cut(p, "/@v/"); ok {
		it.module(escapedMod, file)
	} else if escapedMod, ok := strings.CutSuffix(p, "/@latest"); ok {
		it.module(escapedMod, "@latest")
	} else if rest, ok := strings.CutPrefix(p, "sumdb/"); ok {
		it.database(rest)
	}
	return it
}

func (it *item) module(escaped, file string) {
	mod, err := module.UnescapePath(escaped)
	if err != nil {
		return
	}
	switch ext := path.Ext(file); {
	case file == "@latest":
		it.kind = kindLatest
	case file == "list":
		it.kind = kindList
	case ext == ".info" || ext == ".mod" || ext == ".zip":
		version, err := module.UnescapeVersion(strings.TrimSuffix(file, ext))
		if err != nil {
			return
		}
		it.kind, it.mod.Version = kind(ext[1:]), version
	default:
		return
	}
	it.mod.Path = mod
}

// database reads "NAME/supported", "NAME/lookup/M@V" and so on. A database's
// name may have a path itself.
func (it *item) database(rest string) {
	for _, form := range []struct {
		sep  string
		kind kind
	}{{"/supported", kindSupported}, {"/lookup/", kindLookup}, {"/tile/", kindTile}, {"/latest", kindSumLatest}} {
		db, tail, ok := strings.Cut(rest, form.sep)
		if !ok || !strings.HasSuffix(form.sep, "/") && tail != "" {
			continue
		}
		it.kind, it.db = form.kind, db
		if form.kind == kindLookup {
			it.lookup(tail)
		}
		return
	}
}

func (it *item) lookup(tail string) {
	mod, version, ok := strings.Cut(tail, "@")
	if !ok {
		return
	}
	if p, err := module.UnescapePath(mod); err == nil {
		it.mod.Path = p
	}
	if v, err := module.UnescapeVersion(version); err == nil {
		it.mod.Version = v
	}
}

// exact reports whether the item is a file of one version, which never changes
// once it exists, and not the answer to a query.
func (it item) exact() bool {
	switch it.kind {
	case kindInfo, kindMod, kindZip:
		v := it.mod.Version
		return v == module.CanonicalVersion(v) && semver.IsValid(v) && module.Check(it.mod.Path, v) == nil
	}
	return false
}

// query reports whether the item is what some words stand for, "latest" or a
// branch: go asks one entry after another until one can tell.
func (it item) query() bool { return it.kind == kindLatest || it.kind == kindInfo && !it.exact() }

// sumdbPath is the path below the checksum database itself.
func (it item) sumdbPath() string {
	return strings.TrimPrefix(it.path, "sumdb/"+it.db)
}

// versionItem is the item of one file of a version; ok is false for a version
// that has no escaped form.
func versionItem(m module.Version, k kind) (it item, ok bool) {
	p, err := module.EscapePath(m.Path)
	if err != nil {
		return item{}, false
	}
	v, err := module.EscapeVersion(m.Version)
	if err != nil {
		return item{}, false
	}
	return item{kind: k, path: p + "/@v/" + v + "." + string(k), mod: m}, true
}

// lookupIn is the item of a checksum database's record of a version.
func (it item) lookupIn(db string) item {
	dir, file, _ := strings.Cut(it.path, "/@v/")
	version := strings.TrimSuffix(file, path.Ext(file))
	return item{kind: kindLookup, db: db, mod: it.mod, path: "sumdb/" + db + "/lookup/" + dir + "@" + version}
}

// join returns the URL of an item below a proxy's base, spelled as cmd/go
// spells it: newProxyRepo and getBody in modfetch for module files, web.Join
// for the checksum database.
func join(base *url.URL, it item) *url.URL {
	target := *base
	target.Path = strings.TrimSuffix(base.Path, "/") + "/" + it.path
	if it.kind.sumdb() {
		target.RawPath = strings.TrimSuffix(base.RawPath, "/") + "/" + it.path
		return &target
	}
	target.Path = path.Join(target.Path)
	escaped := strings.ReplaceAll(url.PathEscape(it.path), "%2F", "/")
	target.RawPath = path.Join(strings.TrimSuffix(base.RawPath, "/") + "/" + escaped)
	return &target
}
