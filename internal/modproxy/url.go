package modproxy

import (
	"net/url"
	"path"
	"strings"
)

// URL returns the address of an item below a proxy's base. The item must have a path.
func URL(base *url.URL, it Item) *url.URL {
	below, _ := it.Path()
	return Join(base, below, it.Kind)
}

// Join returns the address of a path below a base, spelled as cmd/go spells it:
// newProxyRepo and getBody in modfetch for module files, web.Join for the checksum
// database.
func Join(base *url.URL, below string, k Kind) *url.URL {
	target := *base
	target.Path = strings.TrimSuffix(base.Path, "/") + "/" + below
	if k.SumDB() {
		target.RawPath = strings.TrimSuffix(base.RawPath, "/") + "/" + below
		return &target
	}
	target.Path = path.Join(target.Path)
	escaped := strings.ReplaceAll(url.PathEscape(below), "%2F", "/")
	target.RawPath = path.Join(strings.TrimSuffix(base.RawPath, "/") + "/" + escaped)
	return &target
}
