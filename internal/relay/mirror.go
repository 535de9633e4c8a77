package relay

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/upstream"
)

const (
	// mirrorPath is the endpoint of a checksum database with mirrors.
	mirrorPath = "sumdb"
	// mirrorEntry is its position, which is none in the list.
	mirrorEntry = -1
)

// mirrors stand behind a checksum database, by the policy. go is given an
// address of ours for it ("name url"), so it does not look for a proxy that
// carries the database: we do, in its way, and take a mirror where that fails.
// go authenticates all of it.
type mirrors struct {
	db    string // its name
	extra []*url.URL

	once    sync.Once
	carrier atomic.Pointer[endpoint] // nil: the database itself
	err     error                    // what looking for it ended in, where go would have stopped
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
		r.sumdb.mirrors = m
	}
}

func (m *mirrors) setting(r *Relay) string { return m.db + " " + r.port.base + "/" + mirrorPath }

func (r *Relay) serveMirror(w http.ResponseWriter, req *http.Request, escaped string) {
	m := r.sumdb.mirrors
	e := &endpoint{index: mirrorEntry, client: r.database(m.db)}
	it, err := m.item(escaped)
	if err != nil {
		r.refusePath(w, escaped, err)
		return
	}
	since := r.now()
	a, ok := r.remembered(e, it)
	if !ok {
		a = m.fetch(req.Context(), r, it)
	}
	defer a.Release()
	if a.Cancelled() {
		abort()
	}
	r.answered(e, it, a, since)
	r.write(w, req, a)
}

// item is what go asks the database for, as if it had asked a proxy.
func (m *mirrors) item(escaped string) (modproxy.Item, error) {
	return modproxy.Parse("sumdb/" + m.db + "/" + escaped)
}

// fetch asks whom go would have asked, and then the mirrors, but for what is private,
// or was refused.
func (m *mirrors) fetch(ctx context.Context, r *Relay, it modproxy.Item) prefetch.Result {
	m.once.Do(func() { m.find(r.ctx, r) }) // for all requests, not for the first alone
	a := prefetch.Result{Err: m.err}
	if m.err == nil { // with short deadlines: there are mirrors
		a = r.fetch(ctx, m.client(r), it, position{pipe: true}, false, journal.Asked)
	}
	failed := a.Failure()
	if failed == nil || failed.Refuses() || r.isPrivate(it.Mod.Path) || !m.mayLookUp(it, failed) {
		return a
	}
	for _, extra := range m.extra {
		other := r.fetch(ctx, r.databaseAt(extra), it, position{last: true}, false, journal.Rotate)
		if !other.Good() && !other.Cancelled() {
			other.Release()
			carried := *extra
			carried.Path = strings.TrimSuffix(extra.Path, "/") + "/sumdb/" + m.db
			other = r.fetch(ctx, r.databaseAt(&carried), it, position{last: true}, false, journal.Rotate)
		}
		if other.Good() || other.Cancelled() {
			r.healedBy(other, it, failed)
			return other
		}
		other.Release()
	}
	return a
}

// mayLookUp reports whether a mirror may be asked for what the database's carrier has
// failed to give. What the database itself was asked for is no news to its mirrors.
func (m *mirrors) mayLookUp(it modproxy.Item, failed *upstream.Error) bool {
	itself := m.err == nil && m.carrier.Load() == nil
	return itself || it.Kind != modproxy.Lookup || failedAltogether(failed)
}

// client is who is asked first: the carrier, or the database itself.
func (m *mirrors) client(r *Relay) *upstream.Client {
	if e := m.carrier.Load(); e != nil {
		return e.client
	}
	return r.database(m.db)
}

// find looks for the proxy that carries the database, as go does: see initBase
// in modfetch/sumdb.go.
func (m *mirrors) find(ctx context.Context, r *Relay) {
	err := proxylist.Try(r.list, 0, func(i int) error {
		e := r.ends[i]
		switch {
		case r.list[i].Kind == proxylist.Direct || r.list[i].Kind == proxylist.Off:
			return proxylist.Stop(fs.ErrNotExist)
		case e == nil || e.added != notAdded:
			return fs.ErrNotExist
		}
		err := r.supports(ctx, e, m.db, journal.Asked)
		if err == nil {
			m.carrier.Store(e)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.err = err
	}
}
