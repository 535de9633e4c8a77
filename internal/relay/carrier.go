package relay

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"golang.org/x/mod/module"
)

// carriers are the entries that said that they do not carry a checksum database, so
// that go asked the database itself. Some carry it all the same, and where the
// database cannot be reached, nobody else can answer: see CarryAnyway. Whoever
// answers, go verifies the signatures.
type carriers struct {
	mu     sync.Mutex
	denied []denial
	chosen denial // that is said to carry it after all; zero: none is
}

// A denial is an entry that does not carry a database, by its own word.
type denial struct {
	end *endpoint
	db  string
}

// note keeps what go was told when it asked an entry for a database.
func (c *carriers) note(e *endpoint, it item, a *answer) {
	if it.kind != kindSupported || !a.passesComma() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := (denial{e, it.db}); !slices.Contains(c.denied, d) {
		c.denied = append(c.denied, d)
	}
}

func (c *carriers) list() []denial {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.denied)
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
func (r *Relay) Denied() bool { return len(r.carriers.list()) > 0 }

// CarryAnyway looks for an entry that has the checksum database's record of a module
// version, though it said that it does not carry the database. go is told from then
// on that it does. A lookup names a module: only who was asked for it is asked, and no
// guest, which was not even asked whether it carries the database.
func (r *Relay) CarryAnyway(ctx context.Context, m module.Version) bool {
	it, ok := versionItem(m, kindInfo)
	if !ok {
		return false
	}
	for _, d := range r.carriers.list() {
		lookup := it.lookupIn(d.db)
		if !d.end.up.heard.has(m.Path) || r.bars(d.end, lookup) {
			continue
		}
		a := r.ask(ctx, d.end.up, lookup, place{last: true}, false)
		good := a.good()
		a.release()
		if good {
			r.carriers.choose(d)
			return true
		}
	}
	return false
}

// carried answers what an entry that carries a database against its word must not be
// asked: whether it does, and for a module that it does not know of. The latter is
// for the database itself, as it was before.
func (r *Relay) carried(ctx context.Context, e *endpoint, it item) *answer {
	if it.db == "" || !r.carriers.carries(e, it.db) {
		return nil
	}
	switch {
	case it.kind == kindSupported:
		return &answer{status: http.StatusOK, body: r.depot.new(), from: e.up}
	case it.kind == kindLookup && !e.up.heard.has(it.mod.Path):
		return r.askMirror(ctx, r.database("https://"+it.db).base, it, place{last: true})
	}
	return nil
}
