package gateway

import (
	"sync"
	"sync/atomic"

	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Reading ahead: who asks for an .info is going to fetch the version (go mod download
// asks for one .info after the other), so its .mod and .zip are fetched. A .mod alone may
// be for nothing but the requirements in it: it brings the .info, for go mod download,
// which asks for all .mod first, unless a newer version is known. What a .mod from before
// module graphs were pruned requires, go asks for next, and so on (modload.readModGraph).
// Only what will be stored is fetched ahead.

const (
	maxAhead  = 4096 // waiting; what comes beyond is not fetched ahead
	smallLane = 24   // side by side: .info and .mod
	zipLane   = 12
)

// ahead fetches what nobody has asked for yet.
type ahead struct {
	small, zips chan job
	workers     sync.WaitGroup
	busy        atomic.Int64 // jobs that are waiting or under way

	mu       sync.Mutex
	versions map[string]string // see note
}

type job struct {
	plan *plan
	end  *endpoint
	item modproxy.Item
	deep bool // a .mod whose requirements are asked for, whatever it says
	last bool // a .mod whose requirements are not
}

func (a *ahead) start(g *Gateway) {
	a.small, a.zips = make(chan job, maxAhead), make(chan job, maxAhead)
	for range smallLane {
		a.workers.Go(func() { g.work(a.small) })
	}
	for range zipLane {
		a.workers.Go(func() { g.work(a.zips) })
	}
}

func (a *ahead) wait() { a.workers.Wait() }

// readAhead asks for the other files of a version.
func (g *Gateway) readAhead(p *plan, e *endpoint, it modproxy.Item) {
	if !it.Exact() || !p.keepable(it.Mod.Path) || g.store.Fails() {
		return
	}
	switch it.Kind {
	case modproxy.Info:
		g.ahead.add(job{plan: p, end: e, item: modproxy.Item{Kind: modproxy.Mod, Mod: it.Mod}})
		g.ahead.add(job{plan: p, end: e, item: modproxy.Item{Kind: modproxy.Zip, Mod: it.Mod}})
	case modproxy.Mod:
		if known := g.ahead.note(it.Mod); known >= 0 { // else a newer one is going to be selected
			g.ahead.add(job{plan: p, end: e, item: modproxy.Item{Kind: modproxy.Info, Mod: it.Mod}})
		}
	}
}

// maxRequired bounds how many requirements of one .mod are looked at.
const maxRequired = 1000

// readRequired asks for the .mod files that a .mod leads go to.
func (g *Gateway) readRequired(p *plan, e *endpoint, f File, deep bool) {
	data, err := readAll(f)
	if err != nil || g.store.Fails() {
		return
	}
	mod, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return
	}
	deep = deep || !prunes(mod)
	for _, r := range mod.Require[:min(len(mod.Require), maxRequired)] {
		it := modproxy.Item{Kind: modproxy.Mod, Mod: r.Mod}
		if _, private := p.private(r.Mod.Path); private || !it.Exact() || !p.keepable(r.Mod.Path) {
			continue
		}
		if known := g.ahead.note(r.Mod); deep || known > 0 {
			g.ahead.add(job{plan: p, end: e, item: it, deep: deep, last: !deep})
		}
	}
}

// note notes a version, and compares it with the newest of its module that was noted. Of
// a pruned module's requirements go asks for those that its own go.mod selects, and a
// version is selected because somebody requires it and nobody a newer one.
func (a *ahead) note(m module.Version) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.versions) >= maxNoted {
		clear(a.versions)
	}
	if a.versions == nil {
		a.versions = make(map[string]string)
	}
	known := semver.Compare(m.Version, a.versions[m.Path])
	if known > 0 {
		a.versions[m.Path] = m.Version
	}
	return known
}

// maxNoted bounds how many modules are remembered for that.
const maxNoted = 20_000

// prunes reports whether a module lists all that its packages need (go 1.17), so that go
// looks no further.
func prunes(mod *modfile.File) bool {
	return mod.Go != nil && semver.Compare("v"+mod.Go.Version, "v1.17") >= 0
}

func (a *ahead) add(j job) {
	lane := a.small
	if j.item.Kind == modproxy.Zip {
		lane = a.zips
	}
	a.busy.Add(1)
	select {
	case lane <- j:
	default:
		a.busy.Add(-1)
	}
}

// work fetches one file after the other.
func (g *Gateway) work(lane chan job) {
	for {
		select {
		case <-g.ctx.Done():
			return
		case j := <-lane:
			g.fetchAhead(j)
			g.ahead.busy.Add(-1)
		}
	}
}

func (g *Gateway) fetchAhead(j job) {
	path, err := j.item.Path()
	if err != nil || g.store.Has(j.item, j.end.id) {
		return
	}
	done := make(chan struct{})
	g.calls.start(j.end.key(path), func(publish func(*result)) { g.fetch(j, publish) }, func() { close(done) })
	<-done
}
