package shim

import (
	"fmt"

	"github.com/gosteady/gosteady/internal/modcache"
)

// cache returns the module cache that the child uses; nil where it cannot be
// known, as behind another wrapper that may set GOMODCACHE itself.
func (s *session) cache() *modcache.Cache {
	c := modcache.Of(s.plan.Settings)
	if s.plan.Real.GOROOT == "" || c == nil {
		return nil
	}
	c.Writable, c.Kept = s.plan.Inv.Bool("modcacherw"), s.store.Kept()
	return c
}

// repair verifies the suspects and replaces what is proven bad. Replacements come
// through the real go with all its checks, and through the relay.
func (s *session) repair(suspects modcache.Suspects, env changes) modcache.Healing {
	if s.relay != nil {
		s.relay.Again() // for the commands that fetch replacements
	}
	healing := s.cache().Heal(s.sig.Context(), suspects, s.gosum.sums(), s.fetcher(env), s.online())
	s.sayOutcomes(healing.Outcomes)
	return healing
}

// online reports whether what is set aside can be had again, as far as is known.
func (s *session) online() bool { return s.relay == nil || !s.relay.Offline() }

func (s *session) fetcher(env changes) modcache.Fetcher {
	return &modcache.GoFetcher{Go: s.plan.Real.Path, Env: s.environ(env)}
}

func (s *session) sayOutcomes(outcomes []modcache.Outcome) {
	for _, o := range outcomes {
		s.print.Debugf("%s: %s; did %v, error %v", o.Module, o.Before, o.Done, o.Err)
		if o.Kept != "" {
			s.print.Warn(fmt.Sprintf("%s was changed in the module cache and has been restored; your changed files are in %s", o.Module, o.Kept))
		}
	}
}
