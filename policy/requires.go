package policy

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"golang.org/x/mod/semver"
)

// Release is the gosteady version whose keys this table has; "requires" in a
// file is compared with it.
const Release = "0.2"

// findRequires looks at the key requires before any other: it decides whether
// an unknown word is a mistake or comes from a newer gosteady.
func (r *reader) findRequires(body ast.Node) {
	m, ok := body.(ast.MapNode)
	if !ok {
		return
	}
	for it := m.MapRange(); it.Next(); {
		if name, ok := r.scalar(it.Key()); !ok || name.text != "requires" {
			continue
		}
		if it, ok := r.scalar(it.Value()); ok { // else reported as any other value
			r.setRequires(it)
		}
	}
}

func (r *reader) setRequires(it item) {
	version := "v" + strings.TrimSpace(strings.TrimPrefix(it.text, ">="))
	if !strings.HasPrefix(it.text, ">=") || !semver.IsValid(version) {
		r.bad(it.pos, "requires", "%q is not a version such as >=%s", it.text, Release)
		return
	}
	if semver.Compare(version, "v"+Release) > 0 {
		r.newer = version[1:]
		r.warn(it.pos, "requires", "this gosteady is %s; update it to %s or later", Release, r.newer)
	}
}
