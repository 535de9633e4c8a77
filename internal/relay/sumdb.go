package relay

import (
	"context"
	"net/url"
	"sync"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/upstream"
)

// A sumdb is what is known of who carries the checksum database. The zero value is
// nothing.
type sumdb struct {
	carriers
	mirrors   *mirrors // nil: there are none
	supported sync.Map // answers of entries that carry a checksum database or not, by key
}

// sumdbElsewhere asks the entries behind one where "|" follows. go asks once
// which entry carries the checksum database, and then that one alone: it would
// never take the next. What the carrier says itself is final, and a lookup is told
// to nobody who is not to know of its module: see mayLookUp.
func (r *Relay) sumdbElsewhere(ctx context.Context, e *endpoint, it modproxy.Item, failed *upstream.Error) (other prefetch.Result, ok bool) {
	if !e.at.pipe || it.Kind == modproxy.Supported || failed.Refuses() {
		return prefetch.Result{}, false
	}
	return r.firstOf(e.index+1, func(i int) prefetch.Result {
		next := r.ends[i]
		switch {
		case next != nil && r.denied(next, it):
			return prefetch.Result{Err: proxylist.Stop(errNotAsked)}
		case next != nil && !r.mayLookUp(it, failed, next.client):
			return prefetch.Result{Err: errNotAsked}
		case next != nil:
			if err := r.supports(ctx, next, it.DB, journal.Rotate); err != nil {
				return prefetch.Result{Err: err}
			}
			return final(r.fetch(ctx, next.client, it, next.at, false, journal.Rotate))
		case r.list[i].Kind == proxylist.Direct:
			// There go would have asked the database itself.
			if db := r.database(it.DB); r.mayLookUp(it, failed, db) {
				a := r.fetch(ctx, db, it, position{last: true}, false, journal.Rotate)
				if a.Good() || a.Cancelled() {
					return a
				}
				a.Release()
			}
		}
		return prefetch.Result{Err: proxylist.Stop(errNotAsked)}
	})
}

// final makes a server's own word the end of a walk along the list.
func final(a prefetch.Result) prefetch.Result {
	if e := a.Failure(); e != nil && e.Refuses() {
		return prefetch.Result{Err: proxylist.Stop(e)}
	}
	return a
}

// mayLookUp reports whether somebody else may be asked for what the carrier of the
// checksum database has failed to give. A lookup names a module: it may be told to
// those who were asked for that module already, and to others only if the carrier
// failed altogether.
func (r *Relay) mayLookUp(it modproxy.Item, failed *upstream.Error, c *upstream.Client) bool {
	return it.Kind != modproxy.Lookup || failedAltogether(failed) || r.asked.has(askedOf{c, it.Mod.Path})
}

func failedAltogether(e *upstream.Error) bool {
	return e.Invalid == nil && (e.Status == 0 || e.Status >= 500)
}

// supports asks an entry whether it carries a checksum database, as go does before
// it asks it for anything of the database.
func (r *Relay) supports(ctx context.Context, e *endpoint, db string, why journal.Reason) error {
	it := modproxy.Item{Kind: modproxy.Supported, DB: db}
	if known, ok := r.sumdb.supported.Load(e.key(it)); ok {
		return known.(prefetch.Result).Err
	}
	a := r.fetch(ctx, e.client, it, e.at, false, why)
	a.Release()
	if a.Good() || a.Missing() {
		r.sumdb.supported.Store(e.key(it), a)
	}
	return a.Err
}

// database is the upstream of a checksum database's own address.
func (r *Relay) database(name string) *upstream.Client {
	base, err := url.Parse("https://" + name)
	if err != nil {
		base = &url.URL{}
	}
	return r.databaseAt(base)
}

func (r *Relay) databaseAt(base *url.URL) *upstream.Client {
	r.hide(base)
	return r.upstreams.Database(base)
}
