package relay

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/upstream"
)

// ahead is what is fetched before go asks.
type ahead struct {
	start   sync.Once                 // at the first request for a file
	fetched sync.Map                  // by item: see fetchOnce
	install atomic.Pointer[installer] // nil: go unpacks all zips itself
	cold    cold
}

// lanes is how many files of one kind are fetched ahead side by side, and twice
// as many where they share a connection. Small files have lanes of their own: go
// asks for them first, one after another, and would wait behind the zips.
const lanes = upstream.PerHost

// prefetch fetches what go is sure to ask for, ahead of it: go runs as many
// requests as it has processors, and asks for every .info strictly one after
// another. It runs once, at go's first request, and ends with the command.
//
// Only versions that go.sum names with a zip's hash are fetched, or that the
// command line names; none that is private, or in the module cache already.
func (r *Relay) prefetch() {
	var wanted []module.Version
	switch r.config.Prefetch {
	case Required:
		for _, m := range r.config.Required {
			if r.config.Sums.Zip(m) != nil {
				wanted = append(wanted, m)
			}
		}
	case One:
		wanted = r.config.Only
	}
	wanted = distinct(wanted)
	if len(wanted) == 0 || !r.config.Policy.Prefetch {
		return
	}
	unlock, ok := lockPrefetch(r.config.Settings.Get("GOMODCACHE"))
	if !ok {
		r.debugf("nothing is fetched ahead: another command does so for this module cache")
		return
	}
	r.prepareInstall(wanted)
	go func() {
		defer unlock()
		defer r.ahead.install.Load().end()
		r.fetchAhead(wanted)
	}()
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

// fetchAhead fetches the files of many versions, in their order.
func (r *Relay) fetchAhead(wanted []module.Version) {
	r.count(wanted)
	small, zips := make(chan modproxy.Item), make(chan modproxy.Item)
	var lane sync.WaitGroup
	for range lanes {
		lane.Go(func() { r.drive(&lane, small, true) })
		lane.Go(func() { r.drive(&lane, zips, true) })
	}
	lane.Go(func() { r.feed(small, wanted, modproxy.Info, modproxy.Mod) })
	lane.Go(func() { r.feed(zips, wanted, modproxy.Zip) })
	lane.Wait()
}

func (r *Relay) feed(lane chan<- modproxy.Item, wanted []module.Version, kinds ...modproxy.Kind) {
	defer close(lane)
	for _, m := range wanted {
		if r.isPrivate(m.Path) {
			continue
		}
		for _, k := range kinds {
			it, ok := r.lacking(m, k)
			if !ok {
				continue
			}
			select {
			case lane <- it:
			case <-r.ctx.Done():
				return
			}
		}
	}
}

// lacking returns a file of a version, if go does not have it already.
func (r *Relay) lacking(m module.Version, k modproxy.Kind) (modproxy.Item, bool) {
	it, ok := versionItem(m, k)
	return it, ok && it.Exact() && !r.cached(it)
}

// count says how many zips go will want.
func (r *Relay) count(wanted []module.Version) {
	n := 0
	for _, m := range wanted {
		if _, ok := r.lacking(m, modproxy.Zip); ok {
			n++
		}
	}
	r.record.expect(n)
}

// drive fetches what comes in. Once it is known that the upstream speaks
// HTTP/2 and is well, it opens a second lane beside its own.
func (r *Relay) drive(all *sync.WaitGroup, lane <-chan modproxy.Item, widen bool) {
	for it := range lane {
		if !r.waitForRoom() {
			continue // drain: the command has ended
		}
		r.ahead.install.Load().take(it, r.fetchOnce(it))
		if widen && r.first().client.Wide() {
			widen = false
			all.Go(func() { r.drive(all, lane, false) })
		}
	}
}

// waitForRoom waits until go has taken enough of what lies ready. It reports
// whether the command still runs.
func (r *Relay) waitForRoom() bool {
	if r.flights.full() {
		r.ahead.install.Load().release() // go must not wait for us while we wait for go
		r.flights.awaitRoom()
	}
	return r.ctx.Err() == nil
}

// fetchOne goes along the list of entries as go would, up to the first that
// go takes care of by itself. It returns who has it, nil if nobody, or if go was
// quicker.
func (r *Relay) fetchOne(it modproxy.Item) (from *endpoint) {
	proxylist.Try(r.list, 0, func(i int) error {
		e := r.ends[i]
		if e == nil || r.ctx.Err() != nil || i > 0 && !r.goesOn(it) {
			return proxylist.Stop(errNotAsked)
		}
		f := r.start(e, it)
		if f == nil {
			return proxylist.Stop(errNotAsked) // go was quicker
		}
		select {
		case <-f.done:
		case <-r.ctx.Done():
			return proxylist.Stop(r.ctx.Err())
		}
		if f.result.Good() {
			from = e
		}
		return f.result.Err
	})
	return from
}

// goesOn reports whether go will go past an entry for a file: it asks for a
// version's .info, then its .mod, then its .zip, and where one of them fails it
// tells no further entry of the version.
func (r *Relay) goesOn(it modproxy.Item) bool {
	before := map[modproxy.Kind][]modproxy.Kind{modproxy.Mod: {modproxy.Info}, modproxy.Zip: {modproxy.Info, modproxy.Mod}}
	for _, k := range before[it.Kind] {
		if earlier, ok := versionItem(it.Mod, k); !ok || !r.obtain(earlier) {
			return false
		}
	}
	return true
}

// obtain fetches a file ahead of go, and reports whether it is there. Where go
// was quicker it may yet come: then the rest is left to go.
func (r *Relay) obtain(it modproxy.Item) bool {
	if r.cached(it) || r.fetchOnce(it) != nil {
		return true
	}
	return r.files.has(it)
}

// fetchOnce is fetchOne for each file once: whoever asks meanwhile waits for
// the same outcome.
func (r *Relay) fetchOnce(it modproxy.Item) *endpoint {
	fetch, _ := r.ahead.fetched.LoadOrStore(it, sync.OnceValue(func() *endpoint { return r.fetchOne(it) }))
	return fetch.(func() *endpoint)()
}

// cached reports whether go has a file already. A zip counts with its hash
// only, without which go would fetch it.
func (r *Relay) cached(it modproxy.Item) bool {
	root := r.config.Settings.Get("GOMODCACHE")
	path, err := it.Path()
	if root == "" || err != nil {
		return false
	}
	file := filepath.Join(root, "cache", "download", filepath.FromSlash(path))
	if it.Kind == modproxy.Zip && !exists(file+"hash") {
		return false
	}
	return exists(file)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
