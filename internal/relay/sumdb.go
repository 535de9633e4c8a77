package relay

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// sumdbElsewhere asks the entries behind one where "|" follows. go asks once
// which entry carries the checksum database, and then that one alone: it would
// never take the next. What the carrier says itself is final, and a lookup is told
// to nobody who is not to know of its module: see mayLookUp.
func (r *Relay) sumdbElsewhere(ctx context.Context, e *endpoint, it item, a *answer) *answer {
	if !e.at.pipe || it.kind == kindSupported || it.db == "" || a.refuses() {
		return nil
	}
	for _, next := range r.after(e) {
		other, goOn := r.sumdbNext(ctx, next, it, a)
		if r.goodOrNil(other) != nil {
			return other
		}
		if !goOn {
			return nil
		}
	}
	return nil
}

// sumdbNext asks one more entry after a failure, and reports whether those behind it
// may be asked after it.
func (r *Relay) sumdbNext(ctx context.Context, next entry, it item, failed *answer) (a *answer, goOn bool) {
	pipe := next.proxy.FallBackOnError
	switch {
	case next.end != nil && r.bars(next.end, it):
		return nil, false
	case next.end != nil && !mayLookUp(it, failed, next.end.up):
		return nil, pipe
	case next.end != nil:
		if supported := r.supports(ctx, next.end, it.db); !supported.good() {
			return nil, pipe || supported.passesComma()
		}
		a = r.ask(ctx, next.end.up, it, next.end.at, false)
		return a, pipe && !a.refuses()
	case next.proxy.Kind == proxylist.Direct:
		// There go would have asked the database itself.
		if up := r.database("https://" + it.db); mayLookUp(it, failed, up) {
			a = r.askMirror(ctx, up.base, it, place{last: true})
		}
	}
	return a, false
}

// refuses reports whether a failure is the server's word on what it was asked for,
// and not a failure of the way or of the server. That is how an organisation keeps
// the names of its modules from the public checksum database: nobody else is asked
// then.
func (a *answer) refuses() bool {
	switch a.status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return a.status >= 400 && a.status < 500
}

// mayLookUp reports whether somebody else may be asked for what the carrier of the
// checksum database has failed to give. A lookup names a module: it may be told to
// those who were asked for that module already, and to others only if the carrier
// failed altogether.
func mayLookUp(it item, a *answer, up *upstream) bool {
	return it.kind != kindLookup || a.status == 0 || a.status >= 500 || up.heard.has(it.mod.Path)
}

// supports asks an entry whether it carries a checksum database, as go does before
// it asks it for anything of the database. The answer has no body to be read.
func (r *Relay) supports(ctx context.Context, e *endpoint, db string) *answer {
	it := itemOf(modproxy.Item{Kind: kindSupported, DB: db})
	key := e.key(it)
	if known, ok := r.supported.Load(key); ok {
		return known.(*answer)
	}
	a := r.ask(ctx, e.up, it, e.at, false)
	a.release()
	if a.good() || a.passesComma() {
		r.supported.Store(key, a)
	}
	return a
}

// paths are module paths.
type paths struct{ known sync.Map }

func (p *paths) add(path string)      { p.known.Store(path, true) }
func (p *paths) has(path string) bool { _, ok := p.known.Load(path); return ok }

func (r *Relay) goodOrNil(a *answer) *answer {
	if a == nil || a.good() || a.cancelled {
		return a
	}
	a.release()
	return nil
}

// askMirror asks a server that is nothing but a checksum database.
func (r *Relay) askMirror(ctx context.Context, base *url.URL, it item, at place) *answer {
	it.path = strings.TrimPrefix(it.sumdbPath(), "/")
	return r.ask(ctx, r.database(base.String()), it, at, false)
}

// database is the upstream of a checksum database's own address.
func (r *Relay) database(address string) *upstream {
	if up := r.pool.database(address); up != nil {
		return up
	}
	base, err := url.Parse(address)
	if err != nil {
		base = &url.URL{}
	}
	return r.pool.addDatabase(address, r.newUpstream(base))
}
