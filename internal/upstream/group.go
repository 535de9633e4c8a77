package upstream

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/family"
	"github.com/gosteady/gosteady/internal/goauth"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/internal/spool"
	"github.com/gosteady/gosteady/policy"
)

// Config says how files are fetched. The zero value is the built-in policy, without
// credentials and without memory.
type Config struct {
	Policy *policy.Policy // zero: the built-in policy
	Bound  *policy.Bound  // of what a repository's policy may add to waiting; zero: none
	CI     bool           // for rules that say so
	State  string         // directory of what is remembered from one process to the next; "": nothing is
	Temp   string         // directory of temporary files; "": the system's
	Auth   *goauth.Source // credentials; zero: none

	// Wait is the wait budget that all fetches share, as those of one command do. Zero:
	// each has one of its own, of the policy's retry.budget, as in a standing server.
	Wait *limit.Wait
	// Standing is set in a process that lives on: that there was a network an hour ago
	// says nothing of now.
	Standing bool
	AtOnce   int // requests that an upstream surely takes side by side; zero: as many as go makes

	// Known tells what is known of an item; zero: nothing.
	Known    func(modproxy.Item) retry.Item
	Observer Observer                         // zero: nobody
	Debugf   func(format string, args ...any) // every decision; zero: none

	World
}

// A World is what is outside, for tests. Zero means the real one.
type World struct {
	Clock Clock
	Rand  func() float64
	Dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	TLS   *tls.Config
	Proxy func(*http.Request) (*url.URL, error) // zero: HTTP(S)_PROXY and NO_PROXY
}

// A Clock tells the time and waits. Deadlines of network operations do not go
// through it: they belong to real time.
type Clock interface {
	limit.Clock
	// Pause is called before a wait of d that go-retryablehttp makes by a timer of
	// its own, and returns what that is to be set to.
	Pause(d time.Duration) time.Duration
}

// SystemClock is the real one.
type SystemClock struct{}

func (SystemClock) Now() time.Time { return time.Now() }

func (SystemClock) Pause(d time.Duration) time.Duration { return d }

func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Fill replaces what is zero; connect is how long a connection may take.
func (w *World) Fill(connect time.Duration) {
	if w.Clock == nil {
		w.Clock = SystemClock{}
	}
	if w.Dial == nil {
		w.Dial = (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext
	}
	if w.Rand == nil {
		w.Rand = rand.Float64
	}
	if w.Proxy == nil {
		w.Proxy = http.ProxyFromEnvironment
	}
}

func (c *Config) fill() {
	if c.Policy == nil {
		c.Policy = policy.Default()
	}
	if c.Auth == nil {
		c.Auth = &goauth.Source{}
	}
	if c.Observer == nil {
		c.Observer = Silent{}
	}
	if c.Debugf == nil {
		c.Debugf = func(string, ...any) {}
	}
	if c.Known == nil {
		c.Known = func(it modproxy.Item) retry.Item { return retry.Item{Exact: it.Exact()} }
	}
	c.World.Fill(c.Policy.Timeouts.Connect)
}

// A Group is what the clients of one process share. Its methods are safe for concurrent
// use.
type Group struct {
	config   Config
	bodies   spool.Pool
	health   health
	offline  offline
	families family.Memory // by which family of addresses hosts are dialed
	confirm  lines         // of requests that confirm a login

	mu        sync.Mutex
	proxies   map[string]*Client // by URL
	databases map[string]*Client // a proxy and a checksum database at the same address are two
}

// NewGroup returns a group without clients. Close must be called.
func NewGroup(c Config) *Group {
	c.fill()
	g := &Group{config: c, proxies: map[string]*Client{}, databases: map[string]*Client{}}
	g.bodies.Dir = c.Temp
	g.families.Dir, g.families.Now = c.State, c.Clock.Now
	g.health = health{dir: c.State, now: c.Clock.Now}
	g.offline = offline{limit: c.Policy.Retry.Offline, health: &g.health, standing: c.Standing}
	g.confirm.make = g.newTransport
	c.Auth.Client = &http.Client{Transport: &g.confirm, CheckRedirect: modproxy.CheckRedirect}
	return g
}

// Proxy returns the client of a module proxy, the same one for the same address.
func (g *Group) Proxy(base *url.URL) *Client { return g.client(g.proxies, base, false) }

// Database returns the client of a checksum database's own address.
func (g *Group) Database(base *url.URL) *Client { return g.client(g.databases, base, true) }

func (g *Group) client(known map[string]*Client, base *url.URL, database bool) *Client {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := known[base.String()]
	if c == nil {
		c = g.newClient(base, database)
		known[base.String()] = c
	}
	return c
}

func (g *Group) newClient(base *url.URL, database bool) *Client {
	c := &Client{
		group: g, base: base, database: database, shown: base.Redacted(), lines: &lines{make: g.newTransport},
		retries: limit.NewRetries(), concurrency: limit.NewConcurrency(g.config.AtOnce),
	}
	c.outages = [2]*limit.Outage{c.newOutage(0), c.newOutage(1)}
	// A file of a module says nothing of the database behind it: lookups find out themselves.
	c.outages[1].Check = nil
	b := g.config.Policy.Breaker
	c.breaker = &breaker{name: healthName(base), health: &g.health, failures: b.Failures, cooldown: b.Cooldown}
	return c
}

// Clients returns all there are.
func (g *Group) Clients() (list []*Client) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.proxies {
		list = append(list, c)
	}
	for _, c := range g.databases {
		list = append(list, c)
	}
	return list
}

// Bodies is the pool of all bodies.
func (g *Group) Bodies() *spool.Pool { return &g.bodies }

// Offline reports whether no network was found, and nothing since that would say
// otherwise.
func (g *Group) Offline() bool { return g.offline.found(g.now()) }

// Close ends idle connections, and saves.
func (g *Group) Close() {
	for _, c := range g.Clients() {
		c.lines.close()
	}
	g.confirm.close()
	g.health.save()
	g.families.Save()
}

func (g *Group) now() time.Time { return g.config.Clock.Now() }

func (g *Group) debugf(format string, args ...any) { g.config.Debugf(format, args...) }

// waitFor is the wait budget of a request, or of an outage; nil is none of its own.
func (g *Group) waitFor(own *limit.Wait) *limit.Wait {
	switch {
	case own != nil:
		return own
	case g.config.Wait != nil:
		return g.config.Wait
	}
	return &limit.Wait{Total: g.config.Policy.Retry.Budget}
}
