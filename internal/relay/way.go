package relay

import (
	"context"
	"fmt"
	"net"
	"net/http"
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
func (q *question) onWay(ctx context.Context, second bool) context.Context {
	w := q.ways[0]
	if second {
		w = q.ways[1]
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
func (r *Relay) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	w, _ := ctx.Value(wayKey{}).(*way)
	conn, err := r.dialFamily(ctx, w, network, addr)
	if err == nil && w != nil {
		w.set(addr, family.Of(conn.RemoteAddr()), false)
	}
	return conn, err
}

func (r *Relay) dialFamily(ctx context.Context, w *way, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || net.ParseIP(host) != nil {
		return r.config.Dial(ctx, network, addr)
	}
	f := w.wish(host, r.families.Next(host))
	if f == family.Any {
		return r.config.Dial(ctx, network, addr)
	}
	conn, err := r.config.Dial(ctx, f.Network(), addr)
	if err == nil || ctx.Err() != nil {
		return conn, err
	}
	if conn, err = r.config.Dial(ctx, network, addr); err == nil && family.Of(conn.RemoteAddr()) != f {
		r.families.Lacks(host, f)
	}
	return conn, err
}

// noteWay learns from an attempt whether the family of addresses that it went by is
// of use. The next one goes by the other one where it is not.
func (q *question) noteWay() {
	won := q.ways[0]
	if q.wasHedge {
		won = q.ways[1]
		lost, f, ready := q.ways[0].get()
		if host, by, _ := won.get(); host == lost && by != f && !ready { // it never got as far as a request
			q.r.families.Failed(lost, f)
		}
	}
	host, f, _ := won.get()
	switch {
	case q.answer.good():
		if q.r.families.Worked(host, f) {
			q.r.noteFamily(host, f.Other())
		}
	case oneFamily(*q.answer.failed) && q.r.families.Failed(host, f):
		q.up.lines.renew(q.up.lines.main())
		q.r.debugf("%s: %s by %s, next by %s", host, q.answer.failed.Class, f, f.Other())
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

// noteFamily tells of a family that is avoided from now on.
func (r *Relay) noteFamily(host string, avoid family.Family) {
	r.config.Recorder.Add(journal.Event{
		Time: r.now(), Outcome: journal.Noted, Upstream: host, Action: "dial by " + string(avoid.Other()),
		Text: fmt.Sprintf("%s: a connection by %s was of no use, one by %s is: that is dialed first for an hour", host, avoid, avoid.Other()),
	})
}

// hop is the host of an attempt's last request, if a redirect led there; else "".
func (q *question) hop(at *url.URL) string {
	if at == nil || at.Host == q.url.Host {
		return ""
	}
	return at.Host
}

// hopOf is the same for an answer.
func (q *question) hopOf(res *http.Response) string {
	if res.Request == nil {
		return ""
	}
	return q.hop(res.Request.URL)
}
