// Package gateway is a standing module proxy: a near cache on one machine or for one
// team, in front of the proxies that GOPROXY names.
//
// # What it answers
//
// Each http(s) entry of the list is an endpoint of its own, /0, /1 and so on, for the
// reason for which the relay has them: the go command walks the list once per query, and
// what crosses from one entry to the next is its decision. Behind an endpoint:
//
//	a file of a canonical version   from the store, for ever; else from the upstream
//	a list, @latest, a branch       for a minute from the store, and for longer while
//	                                the upstream is down
//	a checksum database's files     records that were proved for ever, the rest for a while
//
// Whoever asks for the same thing at the same time shares one fetch, which goes on when
// the client is gone. A request for an .info brings the .mod and the .zip, one for a .mod
// the .info: see ahead.
//
// # What it keeps
//
// A .mod or .zip is compared with the checksum database before anybody gets it. What
// differs is never stored and never served: 502, with the reason. What the database does
// not cover, or cannot be asked about, is passed on and not stored, unless the pattern of
// --store-unverified covers it; then it is for clients of that upstream alone. So is
// everything from an upstream that gets credentials of ours.
//
// # Who gets it
//
// On loopback everyone whose Host header is ours. An endpoint with credentials, and every
// endpoint of a server that others can reach, wants the token: as the password of Basic
// authentication, or where there is no TLS, and go sends no password, as the first
// element of the path, "~" before it. Nothing that a client sends is passed on but the
// path.
package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/gateway/sumcheck"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
	"golang.org/x/mod/module"
)

// Rules are Go's settings that a gateway goes by, and its own patterns.
type Rules struct {
	Private, NoProxy, NoSumDB string   // GOPRIVATE, GONOPROXY and GONOSUMDB
	SumDB                     string   // GOSUMDB
	StoreUnverified           []string // globs as in GOPRIVATE; "*" alone is everything
}

// Config says what a gateway serves. Upstreams, Store and Connect are needed.
type Config struct {
	Upstreams []proxylist.Proxy
	Rules     Rules
	Store     *store.Store
	Connect   Connect
	Token     string              // "": endpoints that want one are closed
	Guarded   bool                // every endpoint wants the token: others than this machine's users can connect
	Hosts     []string            // further names in the Host header; those of this machine need none
	Report    func(journal.Event) // what was never served; zero: nobody is told
	Log       *slog.Logger        // zero: nothing is logged
	Now       func() time.Time    // zero: time.Now
}

// A Gateway answers requests. It is an http.Handler, safe for concurrent use.
type Gateway struct {
	store  *store.Store
	log    *slog.Logger
	now    func() time.Time
	report func(journal.Event)
	ctx    context.Context // of everything that is fetched
	cancel context.CancelFunc

	plan     atomic.Pointer[plan]
	calls    calls
	ahead    ahead
	hashing  chan struct{} // permits
	counts   counts
	draining atomic.Bool
	closing  sync.Once
}

// A plan is what the settings of the moment say. It does not change.
type plan struct {
	rules     Rules
	endpoints []*endpoint
	database  *sumcheck.Database
	carrier   *carrier
	token     token
	guarded   bool
	hosts     []string
	hidden    mask.Paths // of the upstreams' addresses: a path may be a token, and clients are not to know it
}

// An endpoint stands in for one entry of the list.
type endpoint struct {
	index  int
	name   string // of the upstream, for people
	id     string // of the upstream, in the store
	source Source
	secret bool // it gets credentials of ours

	downUntil atomic.Int64 // in Unix nanoseconds: an older answer is given at once
}

// from is whose clients alone may have what comes through the endpoint, verified or not.
func (e *endpoint) from(verified bool) string {
	if verified && !e.secret {
		return ""
	}
	return e.id
}

// New returns a gateway that lives until Close.
func New(c Config) (*Gateway, error) {
	g := &Gateway{store: c.Store, log: c.Log, report: c.Report, now: c.Now, hashing: make(chan struct{}, maxHashing)}
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.report == nil {
		g.report = func(journal.Event) {}
	}
	if g.now == nil {
		g.now = time.Now
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.ahead.start(g)
	if err := g.Reload(c); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// Reload goes by other settings from the next request on. The store stays.
func (g *Gateway) Reload(c Config) error {
	setting, err := sumcheck.Parse(c.Rules.SumDB)
	if err != nil {
		return err
	}
	p := &plan{rules: c.Rules, token: newToken(c.Token), guarded: c.Guarded, hosts: c.Hosts}
	for _, x := range c.Upstreams {
		if x.Kind != proxylist.HTTP {
			continue
		}
		p.hidden.Add(x.URL)
		source, secret, err := c.Connect(x.URL, false)
		if err != nil {
			return fmt.Errorf("%s: %w", hostOf(x.URL), err)
		}
		p.endpoints = append(p.endpoints, &endpoint{index: len(p.endpoints), name: hostOf(x.URL), id: identity(x.URL, secret), source: source, secret: secret})
	}
	if u, err := url.Parse(setting.URL); err == nil {
		p.hidden.Add(u)
	}
	if p.carrier, err = g.newCarrier(c, setting, p.endpoints); err != nil {
		return err
	}
	p.database = sumcheck.New(g.ctx, setting, c.Rules.NoSumDB, g.store, p.carrier.read, func(format string, args ...any) {
		g.log.Error(fmt.Sprintf(format, args...))
	})
	g.plan.Store(p)
	return nil
}

// Endpoints returns how many endpoints there are, and which of them want the token.
func (g *Gateway) Endpoints() (secret []bool) {
	for _, e := range g.plan.Load().endpoints {
		secret = append(secret, e.secret || g.plan.Load().guarded)
	}
	return secret
}

// Drain makes readyz say that no further requests should come.
func (g *Gateway) Drain() { g.draining.Store(true) }

// Close ends everything that is fetched, and waits for it.
func (g *Gateway) Close() {
	g.closing.Do(func() {
		g.cancel()
		g.ahead.wait()
		g.calls.wait()
	})
}

// private reports whether nobody is to be asked for a module, as for a go command that
// fetches such a module itself, and by which setting.
func (p *plan) private(path string) (setting string, yes bool) {
	if path == "" || !module.MatchPrefixPatterns(p.rules.NoProxy, path) {
		return "", false
	}
	if p.rules.NoProxy == p.rules.Private {
		return "GOPRIVATE", true
	}
	return "GONOPROXY", true
}

// storesUnverified reports whether a module is stored though nobody can vouch for it.
func (p *plan) storesUnverified(path string) bool {
	for _, pattern := range p.rules.StoreUnverified {
		if pattern == "*" || module.MatchPrefixPatterns(pattern, path) {
			return true
		}
	}
	return false
}

// hostOf names an upstream in logs and answers: its path may be a token.
func hostOf(u *url.URL) string { return strings.TrimPrefix(u.Host, "@") }
