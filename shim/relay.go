package shim

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/gateway/standing"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/shim/front"
	"golang.org/x/mod/module"
)

// relayConfig says what the relay needs to know of this invocation.
func (s *session) relayConfig() relay.Config {
	c := relay.Config{
		Settings: s.plan.Settings,
		Policy:   s.policy,
		Bound:    s.bound,
		Recorder: s.rec,
		State:    s.store.Dir(),
		Environ:  s.plan.Environ,
		Dir:      s.plan.Dir,
		CI:       s.ci,
		Debugf:   s.print.Debugf,
		Notify:   s.print.Wait,
		Standing: s.isStanding,
	}
	c.Known = func() (*gosum.Sums, []module.Version) {
		named := s.plan.Inv.Named()
		w := s.plan.Workspace()
		if w == nil {
			return nil, named
		}
		required, _ := w.Requirements()
		return s.gosum.sums(), append(required, named...)
	}
	if s.plan.Route == front.Supervise && s.policy.Prefetch && s.scoutArgs() != nil {
		c.Cold = s.sendScout
	}
	c.Infos = slices.Contains(loading, s.plan.Inv.Command)
	s.prefetch(&c)
	return c
}

// isStanding reports whether an address of GOPROXY is a gateway of this user's that runs,
// and remembers its host.
func (s *session) isStanding(u *url.URL) bool {
	yes := slices.ContainsFunc(standing.Recorded(s.store.Dir()), func(r standing.Record) bool { return r.Serves(u) && r.Runs() })
	if yes {
		s.gateways = append(s.gateways, u.Hostname())
	}
	return yes
}

// gatewaySays reports whether such a gateway answered with a failure: it has tried what
// could be tried.
func (s *session) gatewaySays(f classify.Failure) bool { return slices.Contains(s.gateways, f.Host) }

// loading names the commands that look at the modules of the packages that they
// have loaded (load.PackagesAndErrors), for which they fetch each one's .info.
var loading = []string{"build", "fix", "install", "list", "run", "test", "vet"}

// prefetch says what the command is sure to fetch: all requirements, or the
// versions that it names.
func (s *session) prefetch(c *relay.Config) {
	inv := &s.plan.Inv
	if !s.policy.Prefetch || inv.Command != "mod download" && inv.Command != "mod vendor" {
		return
	}
	// Under -x go would name the requests that it then has no need of; under -reuse it
	// downloads only what has changed.
	_, reuses := inv.Flag("reuse")
	if cache := s.cache(); cache != nil && s.policy.Unpack && inv.Command == "mod download" && !inv.Bool("x") && !reuses {
		c.Install = cache.Install
	}
	if inv.Command == "mod vendor" || len(inv.Rest) == 0 {
		c.Prefetch = relay.Required
		return
	}
	for _, arg := range inv.Rest {
		path, version, ok := strings.Cut(arg, "@")
		if !ok || module.Check(path, version) != nil {
			return // a query: what it will mean is not known yet
		}
		c.Only = append(c.Only, module.Version{Path: path, Version: version})
	}
	c.Prefetch = relay.One
}
