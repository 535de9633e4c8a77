// Package upstream fetches files from module proxies and checksum databases, and gets
// through where they fail.
//
// A [Group] has what all fetches of one process share: credentials, connections, what is
// known of the network, the health of upstreams from one process to the next. Its
// [Client] for each upstream has [Client.Fetch], which ends in a checked [File] or in an
// [*Error], that carries a [classify.Failure]. The package knows nothing of GOPROXY
// lists, of go.sum, or of who asks: what matters of that stands in the [Request].
//
// # One fetch, in the order of the files
//
// fetch.go makes the attempts. Before each of them permits.go waits for what it needs: an
// upstream that is down (outage.go, and offline.go for no network at all), the limits on
// requests and retries. hedge.go sends it, with the deadlines of deadlines.go and a second
// start, over the connections of transport.go and by the family of addresses of way.go.
// receive.go reads the answer into a spooled body, resumes one that broke off, and has
// package modproxy validate it. Then observe.go tells everybody once what came of it, and
// package retry alone decides whether there is another attempt. breaker.go and health.go
// remember upstreams that fail, stats.go how they have answered.
//
// # What lives how long
//
// A fetch is used by one goroutine, and over when it has a result. A [File] is given back
// by the last who holds it. All else lasts as long as the Group, and is safe for
// concurrent use: each part has a lock of its own, and calls no other while it is held,
// but for breaker and offline, which ask the health.
package upstream

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/policy"
)

// A Client fetches from one proxy, or from one checksum database at its own address. The
// breaker counts the fetches in a row that came to nothing; stats are what its answers
// were like; the outages are whether it is down for everybody; and the limits are how
// many requests and retries it gets.
type Client struct {
	group    *Group
	base     *url.URL
	database bool   // base is a checksum database's own
	shown    string // base, redacted as go redacts it
	lines    *lines
	breaker  *breaker
	stats    stats
	rejected rejectedBodies

	retries     *limit.Retries
	concurrency *limit.Concurrency
	outages     [2]*limit.Outage // of the files, and of the checksum database behind it
}

// A Request is what is fetched, and what matters of who asks. The zero value of all but
// Item is one that stands for itself: no list, no go.sum.
type Request struct {
	Item   modproxy.Item
	Expect modproxy.Expect
	Reason journal.Reason // zero: go asks
	Wait   *limit.Wait    // its wait budget; zero: the group's, or one of its own

	Pipe    bool // somebody else is asked after any failure ("|"): waits are short
	Last    bool // nobody else is asked after a 404
	Patient bool // it waits as if there were nobody else
	// Rotates reports whether another upstream may be asked instead, after such a
	// failure. Zero: none may.
	Rotates func(classify.Failure, policy.Decision) bool
	// Wrong is what was found wrong with the file as it came before; zero: nothing.
	Wrong *modproxy.Invalid
}

// Fetch gets an item, in as many attempts as policy and limits allow. It fails with an
// [*Error], or with the error of the context. The file must be released.
func (c *Client) Fetch(ctx context.Context, req Request) (*File, error) {
	wanted := c.group.now()
	known, leave := c.breaker.enter(ctx, req.Pipe && !req.Patient)
	if known != nil {
		e := known.about(req.Item, c)
		c.group.debugf("%s %s: not asked again, %s", c.Host(), c.path(req.Item), e.Failure.Class)
		return nil, e
	}
	f := c.newFetch(req, wanted)
	err := f.run(ctx)
	leave(err)
	f.report(err)
	if err != nil {
		return nil, err
	}
	return f.file, nil
}

// Host is the upstream's host[:port].
func (c *Client) Host() string { return c.base.Host }

// Shown is the upstream's base, redacted as go redacts it.
func (c *Client) Shown() string { return c.shown }

// URL is the address of an item.
func (c *Client) URL(it modproxy.Item) *url.URL {
	if !c.database {
		return modproxy.URL(c.base, it)
	}
	return modproxy.Join(c.base, c.path(it), it.Kind)
}

// path is an item's path below the base.
func (c *Client) path(it modproxy.Item) (path string) {
	if c.database {
		path, _ = it.DatabasePath()
	} else {
		path, _ = it.Path()
	}
	return path
}

// Served reports whether any file came.
func (c *Client) Served() bool { return c.stats.get().served }

// ServedSince reports whether a file came after some time.
func (c *Client) ServedSince(t time.Time) bool { return c.stats.get().lastFile.After(t) }

// Wide reports whether it can take many requests at once.
func (c *Client) Wide() bool { return c.stats.get().shares() && !c.retries.Strained() }

// Slow reports whether the upstream keeps its callers waiting, by answers that take
// long, or by failing.
func (c *Client) Slow(long time.Duration) bool {
	took, known := c.stats.get().quickest()
	return known && (c.retries.Touched() || took >= long)
}

// Reject notes what is wrong with a file that it has given: the same bytes are not looked
// at again.
func (c *Client) Reject(it modproxy.Item, f *File, wrong *modproxy.Invalid) {
	c.rejected.note(c.path(it), f.Body, wrong)
}

// outage is what an item waits for while the upstream is down.
func (c *Client) outage(it modproxy.Item) *limit.Outage { return c.outages[service(it.Kind)] }

// state is how the upstream is doing, after a failure.
func (c *Client) state(f classify.Failure, service int) retry.Upstream {
	past := c.stats.get()
	return retry.Upstream{
		Reached: past.reached(f, service), Failing: c.breaker.failsNow(), Open: c.breaker.open(),
		Serving: past.serving(c.group.now()), Empty: past.empty(),
	}
}

// decide returns what the policy says of a failure. What is fetched for the checksum
// database or as a toolchain has classes of their own, in the words of go; a rule that
// names them comes before one for the cause.
func (g *Group) decide(it modproxy.Item, f classify.Failure) policy.Decision {
	own := f
	switch {
	case !f.Transient:
	case it.Kind.SumDB():
		own.Class = classify.SumDBUnreachable
	case it.Mod.Path == modproxy.Toolchain:
		own.Class = classify.Toolchain
	}
	p := g.config.Policy
	if own.Class != f.Class && f.Class != classify.SumDBMissing {
		if d := p.Decide(own, it.Mod.Path, g.config.CI); d.Origin != (policy.Origin{}) {
			return d
		}
	}
	return p.Decide(f, it.Mod.Path, g.config.CI)
}

// asError is the failure that a fetch ended in; nil for success, and for a fetch that was
// cancelled.
func asError(err error) *Error {
	var e *Error
	errors.As(err, &e)
	return e
}
