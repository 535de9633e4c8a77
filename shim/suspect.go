package shim

import (
	"bytes"
	"path"
	"strings"

	"github.com/gosteady/gosteady/classify"
)

// suspicious reports whether a line of the child's looks like a fetch failure
// or like damage in the module cache, from which on lines are held until it is
// known whether they can be healed. A line that deceives costs nothing but that
// delay.
func (s *session) suspicious(line []byte) bool {
	switch {
	case bytes.HasPrefix(line, []byte("-> unzip ")),
		bytes.Contains(line, []byte("/cache/vcs/")), bytes.Contains(line, []byte(`\cache\vcs\`)): // git's own words follow
		return true
	case bytes.HasPrefix(line, []byte("go: no such tool ")): // a toolchain in the module cache that lacks it
		return true
	case bytes.HasPrefix(line, []byte("# ")):
		return s.isForeign(strings.TrimSpace(string(line[2:])))
	case bytes.Contains(line, []byte("no required module provides package")),
		bytes.Contains(line, []byte("cannot find module providing package")),
		bytes.Contains(line, []byte("cannot find package")),
		bytes.Contains(line, []byte("but does not contain package")),
		bytes.HasPrefix(line, []byte("go: ")) && importing(bytes.TrimSpace(line)):
		return true
	case !s.plan.Inv.Bool("x") && inModuleCache(line):
		return true
	case s.relay != nil && classify.IsError(strings.TrimSpace(string(line))) && s.relay.Unproven():
		return true // go may mean what the relay gave it unproven
	}
	for _, f := range classify.Live(string(line)) {
		if f.Class != classify.NotFetch {
			return true
		}
	}
	return false
}

// importing reports whether a line is the first of a chain of imports, at the end of
// which go says what is wrong.
func importing(line []byte) bool {
	return bytes.HasSuffix(line, []byte(" imports")) || bytes.HasSuffix(line, []byte(" tested by"))
}

// inModuleCache reports whether a line names a place in an extracted module:
// "…/text@v0.30.0/language/tags.go:7:1: …", "… in …/text@v0.30.0".
func inModuleCache(line []byte) bool {
	_, rest, ok := bytes.Cut(bytes.TrimSpace(line), []byte("@v"))
	if !ok || len(rest) == 0 || rest[0] < '0' || '9' < rest[0] {
		return false
	}
	return bytes.ContainsAny(rest, `/\`) || !bytes.ContainsAny(rest, " :")
}

func (s *session) inSums() map[string]bool {
	return s.sums().Paths()
}

// isForeign reports whether a package that failed to compile ("# path") belongs
// to a module of go.sum: code that was right when it was published rarely
// breaks but by damage.
func (s *session) isForeign(pkg string) bool {
	foreign := s.foreign()
	pkg, _, _ = strings.Cut(pkg, " ") // "# path [path.test]"
	for p := pkg; p != "." && p != "/"; p = path.Dir(p) {
		if foreign[p] {
			return true
		}
	}
	return false
}
