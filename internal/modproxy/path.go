// Package modproxy is the GOPROXY protocol, without state: which paths it has, how
// they are spelled below a proxy's base (url.go), where a redirect may lead (redirect.go),
// how the rest of a body is asked for (range.go), and what a body may be: [Validate], in
// validate.go, validate_zip.go and zip.go.
//
// Paths are parsed and built here and nowhere else. [Parse] takes nothing but the
// paths of the protocol, and only as they are spelled there: what it returns builds
// the very path that was parsed. So nobody who may ask a relay for modules can have
// it ask its proxy, with credentials, for something else ("..", "/sumdb/../api").
package modproxy

import (
	"errors"
	"net/url"
	"path"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/tlog"
)

// A Kind is a kind of file that a proxy serves; its text is what a person reads.
type Kind string

// The kinds. The last four are of the checksum database.
const (
	List      Kind = "list"
	Latest    Kind = "latest"
	Info      Kind = "info"
	Mod       Kind = "mod"
	Zip       Kind = "zip"
	Supported Kind = "supported" // does the proxy carry this checksum database?
	Lookup    Kind = "lookup"
	Tile      Kind = "tile"
	SumLatest Kind = "sumdb-latest"
)

// Toolchain is the module that toolchains are downloaded as.
const Toolchain = "golang.org/toolchain"

// SumDB reports whether a kind belongs to the checksum database.
func (k Kind) SumDB() bool {
	switch k {
	case Supported, Lookup, Tile, SumLatest:
		return true
	}
	return false
}

// An Item is one thing that a proxy can be asked for.
type Item struct {
	Kind Kind
	Mod  module.Version // unescaped; Version is "" for List and Latest, may be a query for Info; for Lookup too
	DB   string         // the checksum database's name
	Tile tlog.Tile
}

// ErrNotProtocol says that a path is none of the protocol's.
var ErrNotProtocol = errors.New("not a path of the module proxy protocol")

// Parse reads the path that follows a proxy's base, as it is in a URL, without a
// leading slash.
func Parse(escaped string) (Item, error) {
	p, err := url.PathUnescape(escaped)
	if err != nil {
		return Item{}, ErrNotProtocol
	}
	it, ok := parse(p)
	if !ok {
		return Item{}, ErrNotProtocol
	}
	if again, err := it.Path(); err != nil || again != p {
		return Item{}, ErrNotProtocol
	}
	return it, nil
}

func parse(p string) (Item, bool) {
	if rest, ok := strings.CutPrefix(p, "sumdb/"); ok {
		if it, ok := parseDatabase(rest); ok {
			return it, true
		}
	}
	if escaped, ok := strings.CutSuffix(p, "/@latest"); ok {
		mod, err := module.UnescapePath(escaped)
		return Item{Kind: Latest, Mod: module.Version{Path: mod}}, err == nil
	}
	escaped, file, ok := strings.Cut(p, "/@v/")
	if !ok {
		return Item{}, false
	}
	mod, err := module.UnescapePath(escaped)
	if err != nil {
		return Item{}, false
	}
	if file == "list" {
		return Item{Kind: List, Mod: module.Version{Path: mod}}, true
	}
	ext := path.Ext(file)
	switch ext {
	case ".info", ".mod", ".zip":
	default:
		return Item{}, false
	}
	version, err := module.UnescapeVersion(strings.TrimSuffix(file, ext))
	return Item{Kind: Kind(ext[1:]), Mod: module.Version{Path: mod, Version: version}}, err == nil
}

// parseDatabase reads "NAME/supported", "NAME/lookup/M@V" and so on. A database's
// name may have a path itself.
func parseDatabase(rest string) (Item, bool) {
	if db, tail, ok := strings.Cut(rest, "/lookup/"); ok {
		return parseLookup(db, tail)
	}
	if i := strings.Index(rest, "/tile/"); i >= 0 {
		tile, err := tlog.ParseTilePath(rest[i+1:])
		return Item{Kind: Tile, DB: rest[:i], Tile: tile}, err == nil
	}
	if db, ok := strings.CutSuffix(rest, "/supported"); ok {
		return Item{Kind: Supported, DB: db}, true
	}
	db, ok := strings.CutSuffix(rest, "/latest")
	return Item{Kind: SumLatest, DB: db}, ok
}

func parseLookup(db, tail string) (Item, bool) {
	escapedMod, escapedVersion, _ := strings.Cut(tail, "@")
	mod, err1 := module.UnescapePath(escapedMod)
	version, err2 := module.UnescapeVersion(escapedVersion)
	return Item{Kind: Lookup, DB: db, Mod: module.Version{Path: mod, Version: version}}, err1 == nil && err2 == nil
}

// Path returns the item's path below a proxy's base, unescaped as in URL.Path,
// without a leading slash. It fails for names that have no place in the protocol.
func (it Item) Path() (string, error) {
	if it.Kind.SumDB() {
		if !isDatabase(it.DB) {
			return "", ErrNotProtocol
		}
		below, err := it.DatabasePath()
		return "sumdb/" + it.DB + "/" + below, err
	}
	mod, err := module.EscapePath(it.Mod.Path)
	if err != nil {
		return "", err
	}
	switch it.Kind {
	case List:
		return mod + "/@v/list", nil
	case Latest:
		return mod + "/@latest", nil
	case Info, Mod, Zip:
		version, err := module.EscapeVersion(it.Mod.Version)
		return mod + "/@v/" + version + "." + string(it.Kind), err
	}
	return "", ErrNotProtocol
}

// DatabasePath returns the item's path below a checksum database's own address,
// without a leading slash.
func (it Item) DatabasePath() (string, error) {
	switch it.Kind {
	case Supported:
		return "supported", nil
	case SumLatest:
		return "latest", nil
	case Tile:
		return it.Tile.Path(), nil
	case Lookup:
		mod, err1 := module.EscapePath(it.Mod.Path)
		version, err2 := module.EscapeVersion(it.Mod.Version)
		return "lookup/" + mod + "@" + version, errors.Join(err1, err2)
	}
	return "", ErrNotProtocol
}

// isDatabase reports whether a checksum database can have the name: a host, perhaps
// with a port and a path, as dbDial in modfetch takes it.
func isDatabase(name string) bool {
	u, err := url.Parse("https://" + name)
	if err != nil || u.Host == "" || *u != (url.URL{Scheme: "https", Host: u.Host, Path: u.Path}) {
		return false
	}
	host, _, _ := strings.Cut(name, "/")
	return path.Clean("/"+name) == "/"+name && strings.Trim(host, ".") != "" && !strings.ContainsAny(name, "\\%")
}

// Exact reports whether the item is a file of one version, which never changes
// once it exists, and not the answer to a query.
func (it Item) Exact() bool {
	switch it.Kind {
	case Info, Mod, Zip:
		v := it.Mod.Version
		return v == module.CanonicalVersion(v) && semver.IsValid(v) && module.Check(it.Mod.Path, v) == nil
	}
	return false
}

// Query reports whether the item is what some words stand for, "latest" or a
// branch: go asks one entry after another until one can tell.
func (it Item) Query() bool { return it.Kind == Latest || it.Kind == Info && !it.Exact() }
