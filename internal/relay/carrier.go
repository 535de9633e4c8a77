package relay

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/upstream"
)

// carriers are the entries that said that they do not carry a checksum database, so
// that go asked the database itself. Some carry it all the same, and where the
// database cannot be reached, nobody else can answer: see CarryAnyway. Whoever
// answers, go verifies the signatures.
type carriers struct {
	mu      sync.Mutex
	denials []denial
	chosen  denial // that is said to carry it after all; zero: none is
}

// A denial is an entry that does not carry a database, by its own word.
type denial struct {
	end *endpoint
	db  string
}

// noteDenial keeps what go was told when it asked an entry for a database.
func (c *carriers) noteDenial(e *endpoint, it modproxy.Item, a prefetch.Result) {
	if it.Kind != modproxy.Supported || !a.Missing() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := (denial{e, it.DB}); !slices.Contains(c.denials, d) {
		c.denials = append(c.denials, d)
	}
}

func (c *carriers) list() []denial {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.denials)
}

func (c *carriers) choose(d denial) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.chosen = d
}

// carries reports whether an entry carries a database though it denied that.
func (c *carriers) carries(e *endpoint, db string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chosen == denial{e, db} && e != nil
}

// Denied reports whether an entry said that it does not carry the checksum database.
func (r *Relay) Denied() bool { return len(r.sumdb.list()) > 0 }

// CarryAnyway looks for an entry that has the checksum database's record of a module
// version, though it said that it does not carry the database. go is told from then
// on that it does. A lookup names a module: only who was asked for it is asked, and no
// guest, which was not even asked whether it carries the database.
func (r *Relay) CarryAnyway(ctx context.Context, m module.Version) bool {
	if _, err := (modproxy.Item{Kind: modproxy.Info, Mod: m}).Path(); err != nil {
		return false
	}
	for _, d := range r.sumdb.list() {
		lookup := modproxy.Item{Kind: modproxy.Lookup, DB: d.db, Mod: m}
		if !r.asked.has(askedOf{d.end.client, m.Path}) || r.denied(d.end, lookup) {
			continue
		}
		a := r.fetch(ctx, d.end.client, lookup, position{last: true}, false, journal.Asked)
		a.Release()
		if a.Good() {
			r.sumdb.choose(d)
			return true
		}
	}
	return false
}

// carried answers what an entry that carries a database against its word must not be
// asked: whether it does, and for a module that it does not know of. The latter is
// for the database itself, as it was before.
func (r *Relay) carried(ctx context.Context, e *endpoint, it modproxy.Item, why journal.Reason) (a prefetch.Result, ok bool) {
	if it.DB == "" || !r.sumdb.carries(e, it.DB) {
		return prefetch.Result{}, false
	}
	switch {
	case it.Kind == modproxy.Supported:
		return prefetch.Result{File: &upstream.File{Body: r.upstreams.Bodies().New()}}, true
	case it.Kind == modproxy.Lookup && !r.asked.has(askedOf{e.client, it.Mod.Path}):
		return r.fetch(ctx, r.database(it.DB), it, position{last: true}, false, why), true
	}
	return prefetch.Result{}, false
}
