package shim

import (
	"path"
	"strings"

	"github.com/gosteady/gosteady/classify"
)

// suspicious reports whether a line of the child's looks like a fetch failure
// or like damage in the module cache, from which on lines are held until it is
// known whether they can be healed. A line that deceives costs nothing but that
// delay.
func (s *session) suspicious(line []byte) bool {
	pkg, compiled := classify.Header(line)
	switch {
	case classify.HintsAtCache(line):
		return true
	case compiled:
		return s.isForeign(pkg)
	case !s.plan.Inv.Bool("x") && classify.InExtracted(line):
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

func (s *session) inSums() map[string]bool {
	return s.sums().Paths()
}

// isForeign reports whether a package that failed to compile belongs to a module of go.sum: code that was right when it was published rarely
// breaks but by damage.
func (s *session) isForeign(pkg string) bool {
	foreign := s.foreign()
	for p := pkg; p != "." && p != "/"; p = path.Dir(p) {
		if foreign[p] {
			return true
		}
	}
	return false
}
