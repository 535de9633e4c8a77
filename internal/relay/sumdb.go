package relay

import (
	"context"
	"net/url"
	"strings"

	"github.com/gosteady/gosteady/internal/proxylist"
)

// sumdbElsewhere asks the entries behind one where "|" follows. go asks once
// which entry carries the checksum database, and then that one alone: it would
// never take the next.
//
// A 404 to a lookup is the database's word, passed on by the proxy; go takes
// the next entry by itself after a 404 to "supported".
func (r *Relay) sumdbElsewhere(ctx context.Context, e *endpoint, it item, a *answer) *answer {
	if !e.at.pipe || it.kind == kindSupported || it.db == "" || a.passesComma() {
		return nil
	}
	for _, next := range r.after(e) {
		pipe := next.proxy.FallBackOnError
		var other *answer
		switch {
		case next.end != nil && r.bars(next.end, it):
			return nil
		case next.end != nil:
			other = r.ask(ctx, next.end.up, it, next.end.at, false)
		case next.proxy.Kind == proxylist.Direct:
			// There go would have asked the database itself.
			return r.goodOrNil(r.askDatabase(ctx, it))
		default:
			return nil
		}
		if r.goodOrNil(other) != nil {
			return other
		}
		if !pipe && !other.passesComma() {
			return nil
		}
	}
	return nil
}

func (r *Relay) goodOrNil(a *answer) *answer {
	if a == nil || a.good() || a.cancelled {
		return a
	}
	a.release()
	return nil
}

// askDatabase asks a checksum database at its own address.
func (r *Relay) askDatabase(ctx context.Context, it item) *answer {
	base, err := url.Parse("https://" + it.db)
	if err != nil || base.Host == "" {
		return nil
	}
	return r.askMirror(ctx, base, it, place{last: true})
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
