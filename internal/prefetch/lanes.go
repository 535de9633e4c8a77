package prefetch

import (
	"errors"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/upstream"
)

// lanes is how many files of one kind are fetched ahead side by side, and twice
// as many where they share a connection. Small files have lanes of their own: go
// asks for them first, one after another, and would wait behind the zips.
const lanes = upstream.PerHost

// Start fetches what go is sure to ask for, ahead of it: go runs as many requests as it
// has processors, and asks for every .info strictly one after another. It is called once,
// at go's first request. Nothing is fetched that is private, or in the module cache
// already.
func (p *Prefetcher) Start(wanted []module.Version) {
	wanted = distinct(wanted)
	if len(wanted) == 0 || p.Off {
		return
	}
	unlock, ok := lockPrefetch(p.ModCache)
	if !ok {
		p.Debugf("nothing is fetched ahead: another command does so for this module cache")
		return
	}
	p.prepareInstall(wanted)
	go func() {
		defer unlock()
		defer p.install.Load().end()
		p.Run(wanted)
	}()
}

// first is the client of the first endpoint; there is one.
func (p *Prefetcher) first() *upstream.Client {
	for _, c := range p.Clients {
		if c != nil {
			return c
		}
	}
	return nil
}

// distinct keeps the first of each version: a command line can name one twice.
func distinct(list []module.Version) []module.Version {
	var kept []module.Version
	seen := make(map[module.Version]bool, len(list))
	for _, m := range list {
		if !seen[m] {
			kept = append(kept, m)
		}
		seen[m] = true
	}
	return kept
}

// Run fetches the files of many versions, in their order.
func (p *Prefetcher) Run(wanted []module.Version) {
	p.count(wanted)
	small, zips := make(chan modproxy.Item), make(chan modproxy.Item)
	var lane sync.WaitGroup
	for range lanes {
		lane.Go(func() { p.drive(&lane, small, true) })
		lane.Go(func() { p.drive(&lane, zips, true) })
	}
	lane.Go(func() { p.feed(small, wanted, modproxy.Info, modproxy.Mod) })
	lane.Go(func() { p.feed(zips, wanted, modproxy.Zip) })
	lane.Wait()
}

func (p *Prefetcher) feed(lane chan<- modproxy.Item, wanted []module.Version, kinds ...modproxy.Kind) {
	defer close(lane)
	for _, m := range wanted {
		if p.Project.IsPrivate(m.Path) {
			continue
		}
		for _, k := range kinds {
			it, ok := p.lacking(m, k)
			if !ok {
				continue
			}
			select {
			case lane <- it:
			case <-p.ctx.Done():
				return
			}
		}
	}
}

// count says how many zips go will want.
func (p *Prefetcher) count(wanted []module.Version) {
	n := 0
	for _, m := range wanted {
		if _, ok := p.lacking(m, modproxy.Zip); ok {
			n++
		}
	}
	p.Project.Wants(n)
}

// drive fetches what comes in. Once it is known that the upstream speaks
// HTTP/2 and is well, it opens a second lane beside its own.
func (p *Prefetcher) drive(all *sync.WaitGroup, lane <-chan modproxy.Item, widen bool) {
	for it := range lane {
		if !p.waitForRoom() {
			continue // drain: the command has ended
		}
		p.install.Load().take(it, p.fetchOnce(it))
		if widen && p.first().Wide() {
			widen = false
			all.Go(func() { p.drive(all, lane, false) })
		}
	}
}

// waitForRoom waits until go has taken enough of what is ready. It reports
// whether the command still runs.
func (p *Prefetcher) waitForRoom() bool {
	if p.calls.full() {
		p.install.Load().release() // go must not wait for us while we wait for go
		p.calls.awaitRoom()
	}
	return p.ctx.Err() == nil
}

// nobody is the entry of what no entry has.
const nobody = -1

// errLeft says that the rest is left to go.
var errLeft = errors.New("left to go")

// fetchOne goes along the list of entries as go would, up to the first that
// go takes care of by itself. It returns the entry that has it, or nobody, also if go was
// quicker.
func (p *Prefetcher) fetchOne(it modproxy.Item) (from int) {
	from = nobody
	proxylist.Try(p.List, 0, func(i int) error {
		if p.Clients[i] == nil || p.ctx.Err() != nil || i > 0 && !p.goesOn(it) {
			return proxylist.Stop(errLeft)
		}
		c := p.start(i, it)
		if c == nil {
			return proxylist.Stop(errLeft) // go was quicker
		}
		select {
		case <-c.done:
		case <-p.ctx.Done():
			return proxylist.Stop(errLeft)
		}
		if c.result.Good() {
			from = i
		}
		return c.result.Err
	})
	return from
}

// goesOn reports whether go will go past an entry for a file: it asks for a
// version's .info, then its .mod, then its .zip, and where one of them fails it
// tells no further entry of the version.
func (p *Prefetcher) goesOn(it modproxy.Item) bool {
	before := map[modproxy.Kind][]modproxy.Kind{modproxy.Mod: {modproxy.Info}, modproxy.Zip: {modproxy.Info, modproxy.Mod}}
	for _, k := range before[it.Kind] {
		if !p.obtain(modproxy.Item{Kind: k, Mod: it.Mod}) {
			return false
		}
	}
	return true
}

// obtain fetches a file ahead of go, and reports whether it is there. Where go
// was quicker it may yet come: then the rest is left to go.
func (p *Prefetcher) obtain(it modproxy.Item) bool {
	if Cached(p.ModCache, it) || p.fetchOnce(it) != nobody {
		return true
	}
	return p.Project.Has(it)
}

// fetchOnce is fetchOne for each file once: whoever asks meanwhile waits for
// the same outcome.
func (p *Prefetcher) fetchOnce(it modproxy.Item) (entry int) {
	fetch, _ := p.fetched.LoadOrStore(it, sync.OnceValue(func() int { return p.fetchOne(it) }))
	return fetch.(func() int)()
}
