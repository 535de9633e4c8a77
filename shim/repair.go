package shim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/relay"
)

// cache returns the module cache that the child uses; nil where it cannot be
// known, as behind another wrapper that may set GOMODCACHE itself.
func (s *session) cache() *modcache.Cache {
	dir := s.plan.Settings.Get("GOMODCACHE")
	if s.plan.Real.GOROOT == "" || !filepath.IsAbs(dir) {
		return nil
	}
	c := &modcache.Cache{Dir: dir, Writable: s.plan.Inv.Bool("modcacherw"), Kept: s.store.Kept()}
	c.Index = modcache.Index{
		Dir:      s.plan.Settings.Get("GOCACHE"),
		Versions: c.GoVersions(s.plan.Settings.GOROOT()),
		External: s.plan.Settings.Get("GOCACHEPROG") != "",
	}
	return c
}

// repair verifies the suspects and mends what is proven bad. Replacements come
// through the real go with all its checks, and through the relay.
func (s *session) repair(suspects modcache.Suspects) modcache.Healing {
	if s.relay != nil {
		s.relay.Again() // for the commands that fetch replacements
	}
	healing := s.cache().Heal(s.sig.Context(), suspects, s.sums(), s.fetcher(), s.online())
	s.sayOutcomes(healing.Outcomes)
	return healing
}

// online reports whether what is set aside can be had again, as far as is known.
func (s *session) online() bool { return s.relay == nil || !s.relay.Offline() }

func (s *session) fetcher() modcache.Fetcher {
	return &modcache.GoFetcher{Go: s.plan.Real.Path, Env: s.environ(0), NoSumDB: s.plan.Settings.NoSumDB}
}

func (s *session) sayOutcomes(outcomes []modcache.Outcome) {
	for _, o := range outcomes {
		s.print.Debugf("%s: %s; did %v, error %v", o.Module, o.Before, o.Done, o.Err)
		if o.Kept != "" {
			s.print.Warn(fmt.Sprintf("%s was changed in the module cache and has been restored; your changed files are in %s", o.Module, o.Kept))
		}
	}
}

// resort does what only a rule can ask for: another way to the modules, or a
// new cache. It reports whether that way is open.
func (s *session) resort(d deed, f classify.Failure) bool {
	switch d {
	case doDirect:
		return s.appendDirect(f)
	case doVendor:
		return s.useVendor()
	case doWipe:
		e := s.once(&run{args: []string{"clean", "-modcache"}, discard: true})
		return e.OK()
	}
	return false
}

// appendDirect lets go ask the origin itself. A comma lets it do so for what is
// missing; for other failures it takes a bar, unless somebody has refused
// something, which a bar would get around.
func (s *session) appendDirect(f classify.Failure) bool {
	after := proxylist.OnError
	if f.Class == classify.NotFound || f.Class == classify.Gone || s.refused() {
		after = proxylist.OnMissing
	}
	if _, changes := proxylist.WithDirect(s.plan.Settings.Get("GOPROXY"), after); !changes {
		return false
	}
	s.direct = after
	return true
}

// refused reports whether an upstream said no, as organisations do that block a
// module.
func (s *session) refused() bool {
	return s.relay != nil && slices.ContainsFunc(s.relay.Unhealed(), func(f relay.Failure) bool {
		return f.Class == classify.Unauthorized || f.Class == classify.Forbidden
	})
}

// useVendor turns to the vendor directory, if there is one.
func (s *session) useVendor() bool {
	w := s.plan.Workspace()
	if w == nil {
		return false
	}
	if fi, err := os.Stat(filepath.Join(w.Root(), "vendor", "modules.txt")); err != nil || fi.IsDir() {
		return false
	}
	flags := strings.TrimSpace(s.plan.Settings.Get("GOFLAGS") + " -mod=vendor")
	s.changes = append(s.changes, "GOFLAGS="+flags)
	return true
}
