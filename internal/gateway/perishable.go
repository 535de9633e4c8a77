package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/modproxy"
)

const (
	// freshFor is how long an answer is believed that may change: a new version is seen
	// after a minute, and a build of fifty modules asks once.
	freshFor = time.Minute
	// provedLater is the same for tiles and records that only the client proves: they do
	// not change, but nothing that is wrong should stay.
	provedLater = time.Hour
	// staleAfter is how long a client waits for an upstream when there is an older answer:
	// a proxy in good health takes less for @latest.
	staleAfter = 5 * time.Second
	// downFor is how long the others then do not wait at all. The upstream is asked
	// meanwhile, for whoever comes next.
	downFor = 30 * time.Second
)

func lifeOf(it modproxy.Item) time.Duration {
	switch it.Kind {
	case modproxy.Tile, modproxy.Lookup:
		return provedLater
	}
	return freshFor
}

// A reply is what a client gets: a body, or an error.
type reply struct {
	file    File
	err     error
	age     time.Duration // of an answer from the store
	stale   bool
	how     string // for the log: hit, miss, shared, stale
	note    string
	release func()
}

// perishable answers what an upstream may answer otherwise later.
func (g *Gateway) perishable(ctx context.Context, e *endpoint, it modproxy.Item, doubted bool) reply {
	path, _ := it.Path()
	old, err := g.store.Answer(e.id, path)
	has := err == nil
	age := max(0, g.now().Sub(old.Time))
	if has && age < lifeOf(it) && !doubted {
		return reply{file: inMemory(old.Body, old.Type), age: age, how: "hit", release: func() {}}
	}
	client := ctx
	if has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.patience(g.now()))
		defer cancel()
	}
	r, shared, release := g.calls.do(ctx, e.key(path), func(publish func(*result)) { g.refresh(e, it, path, publish) })
	switch {
	case r != nil && (r.err == nil || !isDown(r.err)):
		e.downUntil.Store(0)
	case has:
		release()
		if client.Err() == nil { // else it is the client that is gone
			e.downUntil.Store(g.now().Add(downFor).UnixNano())
		}
		return reply{file: inMemory(old.Body, old.Type), age: age, stale: true, how: "stale", release: func() {}}
	}
	return replyOf(r, shared, release)
}

func replyOf(r *result, shared bool, release func()) reply {
	if r == nil {
		return reply{err: context.Canceled, how: "gone", release: release}
	}
	how := "miss"
	if shared {
		how = "shared"
	}
	return reply{file: r.file, err: r.err, how: how, note: r.note, release: release}
}

// patience is how long a client waits that could have an older answer.
func (e *endpoint) patience(now time.Time) time.Duration {
	if now.UnixNano() < e.downUntil.Load() {
		return 10 * time.Millisecond
	}
	return staleAfter
}

// refresh asks the upstream and keeps what it says.
func (g *Gateway) refresh(e *endpoint, it modproxy.Item, path string, publish func(*result)) {
	ctx, cancel := context.WithTimeout(g.ctx, fetchFor)
	defer cancel()
	f, err := g.ask(ctx, e, it)
	if err != nil {
		publish(&result{err: err})
		return
	}
	publish(&result{file: f})
	if f.Size() > store.MaxAnswer {
		return
	}
	body, err := readAll(f)
	if err == nil {
		err = g.store.Keep(e.id, store.Answer{Path: path, Type: f.Type(), Time: g.now(), Body: body})
	}
	if err == nil && it.Kind == modproxy.Supported && !e.secret {
		err = g.store.Put(it, bytes.NewReader(body), "", "") // for GOPROXY=file://STORE
	}
	if err != nil {
		g.counts.unstored.Add(1)
	}
}

// isDown reports whether a failure says nothing of what was asked for.
func isDown(err error) bool {
	status := (*StatusError)(nil)
	return !errors.As(err, &status) || !status.final()
}

func (e *endpoint) key(path string) string { return e.id + " " + path }

// warn marks an answer that is older than it should be (RFC 7234, 5.5).
func warn(h http.Header) { h.Set("Warning", `110 gosteady "Response is Stale"`) }
