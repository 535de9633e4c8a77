package prefetch

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
func (p *Prefetcher) readAhead(entry int, it modproxy.Item) {
	if !p.readsAhead(it) || !p.Clients[entry].Served() {
		return
	}
	switch {
	case it.Kind == modproxy.Info:
		p.beside(entry, it.Mod, modproxy.Mod)
	case it.Kind == modproxy.Zip && p.Project.Sums().Zip(it.Mod) != nil:
		p.beside(entry, it.Mod, modproxy.Mod)
		if p.Infos {
			p.beside(entry, it.Mod, modproxy.Info)
		}
	}
}

func (p *Prefetcher) readsAhead(it modproxy.Item) bool {
	return !p.Off && it.Exact() && p.Project.Knows(it) && !p.Project.Done()
}

// LookUp asks the checksum database for its word on a file that has arrived, and
// that go.sum does not name: go will, as soon as it has read the file. Not before it
// is there: of a file that is refused, go asks nobody else.
func (p *Prefetcher) LookUp(it modproxy.Item) {
	m, sums := it.Mod, p.Project.Sums()
	unknown := it.Kind == modproxy.Mod && sums.GoMod(m) == nil || it.Kind == modproxy.Zip && sums.Zip(m) == nil
	if !unknown || !p.readsAhead(it) || p.Project.IsPrivate(m.Path) || !p.Project.InSumDB(m.Path) {
		return
	}
	for db, entry := range p.Project.Databases() {
		if at := (modproxy.Item{Kind: modproxy.Lookup, DB: db, Mod: m}); !Cached(p.ModCache, at) {
			p.startIfRoom(entry, at)
		}
	}
}

// beside fetches another file of a version beside what go waits for.
func (p *Prefetcher) beside(entry int, m module.Version, k modproxy.Kind) {
	if it, ok := p.lacking(m, k); ok {
		p.startIfRoom(entry, it)
	}
}

func (p *Prefetcher) startIfRoom(entry int, it modproxy.Item) {
	if !p.calls.full() && p.ctx.Err() == nil {
		p.start(entry, it)
	}
}
