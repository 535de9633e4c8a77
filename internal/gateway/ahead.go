package gateway

import (
	"sync"
	"sync/atomic"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// Reading ahead: who asks for an .info is going to fetch the version (go mod download
// asks for one .info after the other), so its .mod and .zip are fetched. A .mod alone may
// be for nothing but the requirements in it: it brings the .info, for go mod download,
// which asks for all .mod first. Only what will be stored is fetched ahead.

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
}

type job struct {
	plan *plan
	end  *endpoint
	item modproxy.Item
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
	if !it.Exact() || !p.keepable(it.Mod.Path) {
		return
	}
	switch it.Kind {
	case modproxy.Info:
		g.ahead.add(p, e, it, modproxy.Mod)
		g.ahead.add(p, e, it, modproxy.Zip)
	case modproxy.Mod:
		g.ahead.add(p, e, it, modproxy.Info)
	}
}

func (a *ahead) add(p *plan, e *endpoint, it modproxy.Item, k modproxy.Kind) {
	lane := a.small
	if k == modproxy.Zip {
		lane = a.zips
	}
	it.Kind = k
	a.busy.Add(1)
	select {
	case lane <- job{p, e, it}:
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
	g.calls.start(j.end.key(path), func(publish func(*result)) { g.fetch(j.plan, j.end, j.item, publish) }, func() { close(done) })
	<-done
}
