package relay

import (
	"strings"

	"github.com/gosteady/gosteady/internal/goenv"
)

// private is GOPRIVATE with the policy's patterns.
func (r *Relay) private() string {
	patterns := append([]string{}, r.config.Policy.Private...)
	if own := r.config.Settings.Get("GOPRIVATE"); own != "" {
		patterns = append([]string{own}, patterns...)
	}
	return strings.Join(patterns, ",")
}

func (r *Relay) isPrivate(modPath string) bool {
	return r.config.Policy.IsPrivate(r.config.Settings, modPath)
}

// bars reports whether an entry must not be asked for an item: a policy added
// it, and the module is private, or the repository alone added it, and go.sum does
// not have the last word on the file. Such a guest gets no queries, whose answers
// nobody checks, and no lookups.
func (r *Relay) bars(e *endpoint, it item) bool {
	switch {
	case e.added == notAdded:
		return false
	case it.mod.Path != "" && r.isPrivate(it.mod.Path):
		return true
	}
	return e.added == byGuest && !r.named(it)
}

// named reports whether go.sum names a file, or the version that an .info is of.
func (r *Relay) named(it item) bool {
	switch it.kind {
	case kindZip:
		return r.config.Sums.Zip(it.mod) != nil
	case kindMod:
		return r.config.Sums.GoMod(it.mod) != nil
	case kindInfo:
		return it.exact() && r.config.Sums.Names(it.mod)
	}
	return false
}

// vouched reports whether go can tell a wrong file from the right one. go.sum may
// know a version's go.mod file and not its zip; a time and a list are checked
// nowhere, and lead to nothing but files that are.
func (r *Relay) vouched(it item) bool {
	sums := r.config.Sums
	switch {
	case r.inSumDB(it.mod.Path):
		return true
	case it.kind == kindZip:
		return sums.Zip(it.mod) != nil
	case it.kind == kindMod:
		return sums.GoMod(it.mod) != nil
	}
	return sums.Names(it.mod)
}

// authSetting is GOAUTH; before go1.24 there was only netrc.
func authSetting(s *goenv.Settings) string {
	if s.Get("GOAUTH") == "netrc" {
		return "netrc"
	}
	for _, old := range []string{"go1.21", "go1.22", "go1.23"} {
		if v := s.LocalVersion(); v == old || strings.HasPrefix(v, old+".") || strings.HasPrefix(v, old+"rc") {
			return "netrc"
		}
	}
	return s.Get("GOAUTH")
}
