package upstream

import (
	"context"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/url"
	"sync"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/family"
	"github.com/gosteady/gosteady/internal/journal"
)

// A way is what the last request of an attempt went by: the host that was dialed, an
// HTTP proxy if there is one, and the family of its address.
type way struct {
	first *way // of a second start: the first one

	mu     sync.Mutex
	host   string
	family family.Family
	ready  bool // the connection was good for requests
}

// newWays are those of the two starts of one attempt. A start that lost may still be
// running in the next attempt, so that each has its own.
func newWays() [2]*way {
	first := &way{}
	return [2]*way{first, {first: first}}
}

type wayKey struct{}

// onWay makes a context whose requests note what they go by.
func (f *fetch) onWay(ctx context.Context, second bool) context.Context {
	w := f.ways[0]
	if second {
		w = f.ways[1]
	}
	return httptrace.WithClientTrace(context.WithValue(ctx, wayKey{}, w), &httptrace.ClientTrace{
		GetConn: func(addr string) { w.set(addr, family.Any, false) },
		GotConn: func(info httptrace.GotConnInfo) { w.got(family.Of(info.Conn.RemoteAddr())) },
	})
}

func (w *way) set(addr string, f family.Family, ready bool) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.host, w.family, w.ready = host, f, ready
}

func (w *way) got(f family.Family) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.family, w.ready = f, true
}

func (w *way) get() (host string, f family.Family, ready bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.host, w.family, w.ready
}

// wish is the family by which a host is dialed for a request: a second start takes
// the other one than the first.
func (w *way) wish(host string, known family.Family) family.Family {
	if w == nil || w.first == nil {
		return known
	}
	if at, f, _ := w.first.get(); at == host && f != family.Any {
		return f.Other()
	}
	return known
}

// dial dials a host by the family that is better for it, if one is known to be, and
// else as the system likes.
func (g *Group) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	w, _ := ctx.Value(wayKey{}).(*way)
	conn, err := g.dialFamily(ctx, w, network, addr)
	if err == nil && w != nil {
		w.set(addr, family.Of(conn.RemoteAddr()), false)
	}
	return conn, err
}

func (g *Group) dialFamily(ctx context.Context, w *way, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || net.ParseIP(host) != nil {
		return g.config.Dial(ctx, network, addr)
	}
	f := w.wish(host, g.families.Next(host))
	if f == family.Any {
		return g.config.Dial(ctx, network, addr)
	}
	conn, err := g.config.Dial(ctx, f.Network(), addr)
	if err == nil || ctx.Err() != nil {
		return conn, err
	}
	if conn, err = g.config.Dial(ctx, network, addr); err == nil && family.Of(conn.RemoteAddr()) != f {
		g.families.Lacks(host, f)
	}
	return conn, err
}

// noteWay learns from an attempt whether the family of addresses that it went by is
// of use. The next one goes by the other one where it is not.
func (f *fetch) noteWay() {
	won, families := f.ways[0], &f.group.families
	if f.wasHedge {
		won = f.ways[1]
		lost, by, ready := f.ways[0].get()
		if host, other, _ := won.get(); host == lost && other != by && !ready { // it never got as far as a request
			families.Failed(lost, by)
		}
	}
	host, by, _ := won.get()
	switch {
	case f.file != nil:
		if families.Worked(host, by) {
			f.group.tellFamily(host, by.Other())
		}
	case oneFamily(f.err.Failure) && families.Failed(host, by):
		f.client.lines.renew(f.client.lines.main())
		f.group.debugf("%s: %s by %s, next by %s", host, f.err.Failure.Class, by, by.Other())
	}
}

// oneFamily reports whether a failure may be one of the family of addresses: a
// connection that came about and was of no use, or a host that refuses those who come
// that way.
func oneFamily(f classify.Failure) bool {
	switch f.Class {
	case classify.TLSHandshake, classify.Timeout, classify.Reset:
		return f.Status == 0
	}
	return f.Kind == classify.Behind
}

// tellFamily tells of a family that is avoided from now on.
func (g *Group) tellFamily(host string, avoid family.Family) {
	g.config.Observer.Event(journal.Event{
		Time: g.now(), Outcome: journal.Noted, Upstream: host, Action: "dial by " + string(avoid.Other()),
		Text: fmt.Sprintf("%s: a connection over %s failed and one over %s works: that is tried first for an hour", host, avoid, avoid.Other()),
	})
}

// hop is the host of an attempt's last request, if a redirect led there; else "".
func (f *fetch) hop(at *url.URL) string {
	if at == nil || at.Host == f.url.Host {
		return ""
	}
	return at.Host
}
