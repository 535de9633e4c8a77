package relay

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// mirrorPath is the endpoint of a checksum database with mirrors.
const mirrorPath = "sumdb"

// mirrors stand behind a checksum database, by the policy. go is given an
// address of ours for it ("name url"), so it does not look for a proxy that
// carries the database: we do, in its way, and take a mirror where that fails.
// go authenticates all of it.
type mirrors struct {
	db    string // its name
	extra []*url.URL

	once    sync.Once
	carrier atomic.Pointer[endpoint] // nil: the database itself
	failure *answer                  // what looking for it ended in, where go would have stopped
}

// planMirrors sets mirrors up, if the policy has some and the user's own
// GOSUMDB names a database that go knows, without an address.
func (r *Relay) planMirrors() {
	setting := r.config.Settings.Get("GOSUMDB")
	if len(r.config.Policy.SumDB) == 0 || setting != "" && setting != "sum.golang.org" {
		return
	}
	m := &mirrors{db: "sum.golang.org"}
	for _, text := range r.config.Policy.SumDB {
		if u, err := url.Parse(text); err == nil && u.Host != m.db {
			m.extra = append(m.extra, u)
		}
	}
	if len(m.extra) > 0 {
		r.mirror = m
	}
}

func (m *mirrors) setting(r *Relay) string { return m.db + " " + r.port.base + "/" + mirrorPath }

func (r *Relay) serveMirror(w http.ResponseWriter, req *http.Request, escaped string) {
	m := r.mirror
	e := &endpoint{prefix: r.port.base + "/" + mirrorPath, up: r.database("https://" + m.db)}
	it := m.item(escaped)
	if it.kind == kindOther {
		r.refusePath(w, escaped)
		return
	}
	a := r.remembered(e, it)
	if a == nil {
		a = m.ask(req.Context(), r, it)
	}
	defer a.release()
	if a.cancelled {
		abort()
	}
	r.told(e, it, a)
	r.write(w, req, a)
}

// item is what go asks the database for, as if it had asked a proxy.
func (m *mirrors) item(escaped string) item { return parseItem("sumdb/" + m.db + "/" + escaped) }

// ask asks whom go would have asked, and then the mirrors, but for what is private,
// or was refused.
func (m *mirrors) ask(ctx context.Context, r *Relay, it item) *answer {
	m.once.Do(func() { m.find(r.ctx, r) }) // for all requests, not for the first alone
	var a *answer
	if m.failure != nil {
		a = m.failure.hold()
	} else {
		a = m.first(ctx, r, it)
	}
	if a.good() || a.cancelled || a.refuses() || r.isPrivate(it.mod.Path) || !m.mayLookUp(it, a) {
		return a
	}
	ctx = because(ctx, journal.Rotate)
	for _, extra := range m.extra {
		other := r.goodOrNil(r.askMirror(ctx, extra, it, place{last: true}))
		if other == nil {
			carried := *extra
			carried.Path = strings.TrimSuffix(extra.Path, "/") + "/sumdb/" + m.db
			other = r.goodOrNil(r.askMirror(ctx, &carried, it, place{last: true}))
		}
		if other != nil {
			r.settleRotated(it, a, other)
			return other
		}
	}
	return a
}

// mayLookUp reports whether a mirror may be asked for what the database's carrier has
// failed to give. What the database itself was asked for is no news to its mirrors.
func (m *mirrors) mayLookUp(it item, a *answer) bool {
	itself := m.failure == nil && m.carrier.Load() == nil
	return itself || mayLookUp(it, a, &upstream{})
}

// first asks the carrier, with little patience: there are mirrors.
func (m *mirrors) first(ctx context.Context, r *Relay, it item) *answer {
	if e := m.carrier.Load(); e != nil {
		return r.ask(ctx, e.up, it, place{pipe: true}, false)
	}
	return r.askMirror(ctx, &url.URL{Scheme: "https", Host: m.db}, it, place{pipe: true})
}

// find looks for the proxy that carries the database, as go does: see initBase
// in modfetch/sumdb.go.
func (m *mirrors) find(ctx context.Context, r *Relay) {
	supported := item{kind: kindSupported, path: "sumdb/" + m.db + "/supported", db: m.db}
	for _, e := range r.entries {
		if e.proxy.Kind == proxylist.Direct || e.proxy.Kind == proxylist.Off {
			return
		}
		if e.end == nil || e.end.added != notAdded {
			continue
		}
		a := r.ask(ctx, e.end.up, supported, e.end.at, false)
		if a.good() {
			m.carrier.Store(e.end)
			a.release()
			return
		}
		if !a.passesComma() && !e.end.at.pipe {
			m.failure = a
			return
		}
	}
}

// shown is the address that go would have named.
func (m *mirrors) shown(r *Relay, escaped string) string {
	it := m.item(escaped)
	if e := m.carrier.Load(); e != nil {
		return join(e.up.base, it).Redacted()
	}
	return "https://" + m.db + it.sumdbPath()
}
