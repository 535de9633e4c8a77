package relay

import "golang.org/x/mod/module"

// readAhead fetches what go asks for after an item: the .mod of a version after
// its .info.
//
// A command that loads packages begins with a version's zip. Its .mod comes next
// (modload.updateRoots reads those of all modules that provide a package), and at
// the end the .info of each, where the packages' modules are looked at.
//
// Nothing is fetched for what may be a guess of go's, or from an upstream that has
// not answered yet.
func (r *Relay) readAhead(e *endpoint, it item) {
	if !r.readsAhead(it) || !e.up.conduct.answers() {
		return
	}
	switch {
	case it.kind == kindInfo:
		r.aside(e, it.mod, kindMod)
	case it.kind == kindZip && r.config.Sums.Zip(it.mod) != nil:
		r.aside(e, it.mod, kindMod)
		if r.config.Infos {
			r.aside(e, it.mod, kindInfo)
		}
	}
}

func (r *Relay) readsAhead(it item) bool {
	return r.config.Policy.Prefetch && it.exact() && r.knows(it) && !r.said.memory.Load()
}

// lookUpNext asks the checksum database for its word on a file that has arrived, and
// that go.sum does not name: go will, as soon as it has read the file. Not before it
// is there: of a file that is refused, go asks nobody else.
func (r *Relay) lookUpNext(it item) {
	m := it.mod
	unknown := it.kind == kindMod && r.config.Sums.GoMod(m) == nil || it.kind == kindZip && r.config.Sums.Zip(m) == nil
	if !unknown || !r.readsAhead(it) || r.isPrivate(m.Path) || !r.inSumDB(m.Path) {
		return
	}
	for db, e := range r.files.databases() {
		at := it.lookupIn(db)
		if !r.cached(at) {
			r.startAside(e, at)
		}
	}
}

// aside fetches another file of a version beside what go waits for.
func (r *Relay) aside(e *endpoint, m module.Version, k kind) {
	it, ok := r.lacking(m, k)
	if !ok {
		return
	}
	r.startAside(e, it)
}

// startAside starts a flight that go will board, if there is room for it.
func (r *Relay) startAside(e *endpoint, it item) {
	if !r.flights.full() && r.ctx.Err() == nil {
		r.ahead(e, it)
	}
}

// ahead starts a flight before go asks; nil if go was quicker: it is under way, or
// go has the file, though perhaps not yet in the module cache, or was told that it
// failed. Between the two looks go may come and get it: then one request is made
// too many, and no harm is done.
func (r *Relay) ahead(e *endpoint, it item) *flight {
	if r.files.has(it.path) || r.failures.has(e.key(it)) {
		return nil
	}
	return r.flights.ahead(e, it)
}
