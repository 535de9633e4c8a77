package relay

import (
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// readAhead fetches what go asks for after an item: the .mod of a version after
// its .info.
//
// A command that loads packages begins with a version's zip. Its .mod comes next
// (modload.updateRoots reads those of all modules that provide a package), and at
// the end the .info of each, where the packages' modules are looked at.
//
// Nothing is fetched for what may be a guess of go's, or from an upstream that has
// not answered yet.
func (r *Relay) readAhead(e *endpoint, it modproxy.Item) {
	if !r.readsAhead(it) || !e.client.Served() {
		return
	}
	switch {
	case it.Kind == modproxy.Info:
		r.aside(e, it.Mod, modproxy.Mod)
	case it.Kind == modproxy.Zip && r.config.Sums.Zip(it.Mod) != nil:
		r.aside(e, it.Mod, modproxy.Mod)
		if r.config.Infos {
			r.aside(e, it.Mod, modproxy.Info)
		}
	}
}

func (r *Relay) readsAhead(it modproxy.Item) bool {
	return r.config.Policy.Prefetch && it.Exact() && r.knows(it) && !r.fromMemory.Load()
}

// lookUpNext asks the checksum database for its word on a file that has arrived, and
// that go.sum does not name: go will, as soon as it has read the file. Not before it
// is there: of a file that is refused, go asks nobody else.
func (r *Relay) lookUpNext(it modproxy.Item) {
	m := it.Mod
	unknown := it.Kind == modproxy.Mod && r.config.Sums.GoMod(m) == nil || it.Kind == modproxy.Zip && r.config.Sums.Zip(m) == nil
	if !unknown || !r.readsAhead(it) || r.isPrivate(m.Path) || !r.inSumDB(m.Path) {
		return
	}
	for db, e := range r.files.databases() {
		at := modproxy.Item{Kind: modproxy.Lookup, DB: db, Mod: m}
		if !r.cached(at) {
			r.startAside(e, at)
		}
	}
}

// aside fetches another file of a version beside what go waits for.
func (r *Relay) aside(e *endpoint, m module.Version, k modproxy.Kind) {
	it, ok := r.lacking(m, k)
	if !ok {
		return
	}
	r.startAside(e, it)
}

// startAside starts a flight that go will board, if there is room for it.
func (r *Relay) startAside(e *endpoint, it modproxy.Item) {
	if !r.flights.full() && r.ctx.Err() == nil {
		r.start(e, it)
	}
}

// start starts a flight before go asks; nil if go was quicker: it is under way, or
// go has the file, though perhaps not yet in the module cache, or was told that it
// failed. Between the two looks go may come and get it: then one request is made
// too many, and no harm is done.
func (r *Relay) start(e *endpoint, it modproxy.Item) *flight {
	if r.files.has(it) || r.failures.has(e.key(it)) {
		return nil
	}
	return r.flights.ahead(e, it)
}
