package relay

import (
	"strings"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/modproxy"
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

// denied reports whether an entry must not be asked for an item: a policy added
// it, and the module is private, or the repository alone added it, and go.sum does
// not have the last word on the file. Such a guest gets no queries, whose answers
// nobody checks, and no lookups.
func (r *Relay) denied(e *endpoint, it modproxy.Item) bool {
	switch {
	case e.added == notAdded:
		return false
	case it.Mod.Path != "" && r.isPrivate(it.Mod.Path):
		return true
	}
	return e.added == byGuest && !r.named(it)
}

// named reports whether go.sum names a file, or the version that an .info is of.
func (r *Relay) named(it modproxy.Item) bool {
	switch it.Kind {
	case modproxy.Zip:
		return r.config.Sums.Zip(it.Mod) != nil
	case modproxy.Mod:
		return r.config.Sums.GoMod(it.Mod) != nil
	case modproxy.Info:
		return it.Exact() && r.config.Sums.Names(it.Mod)
	}
	return false
}

// vouched reports whether go can tell a wrong file of a version from the right one. go.sum may
// know a version's go.mod file and not its zip; a time is checked nowhere, and leads to
// nothing but files that are.
func (r *Relay) vouched(it modproxy.Item) bool { return r.inSumDB(it.Mod.Path) || r.named(it) }

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

// inSumDB reports whether go asks the checksum database about a module that go.sum
// does not name: see useSumDB in modfetch.
func (r *Relay) inSumDB(path string) bool {
	return path == modproxy.Toolchain || r.config.Settings.Get("GOSUMDB") != "off" && !r.config.Settings.NoSumDB(path)
}
