package relay

import (
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/mod/module"
)

// lanes is how many files of one kind are fetched ahead side by side, and twice
// as many where they share a connection. Small files have lanes of their own: go
// asks for them first, one after another, and would wait behind the zips.
const lanes = perHost

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
		defer r.install.Load().end()
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
	small, zips := make(chan item), make(chan item)
	var lane sync.WaitGroup
	for range lanes {
		lane.Go(func() { r.drive(&lane, small, true) })
		lane.Go(func() { r.drive(&lane, zips, true) })
	}
	lane.Go(func() { r.feed(small, wanted, kindInfo, kindMod) })
	lane.Go(func() { r.feed(zips, wanted, kindZip) })
	lane.Wait()
}

func (r *Relay) feed(lane chan<- item, wanted []module.Version, kinds ...kind) {
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
func (r *Relay) lacking(m module.Version, k kind) (item, bool) {
	it, ok := versionItem(m, k)
	return it, ok && it.exact() && !r.cached(it)
}

// count says how many zips go will want.
func (r *Relay) count(wanted []module.Version) {
	n := 0
	for _, m := range wanted {
		if _, ok := r.lacking(m, kindZip); ok {
			n++
		}
	}
	r.display.expect(n)
}

// drive fetches what comes in. Once it is known that the upstream speaks
// HTTP/2 and is well, it opens a second lane beside its own.
func (r *Relay) drive(all *sync.WaitGroup, lane <-chan item, widen bool) {
	for it := range lane {
		if !r.waitForRoom() {
			continue // drain: the command has ended
		}
		r.install.Load().take(it, r.fetchOnce(it))
		if widen && r.ends[0].up.wide() {
			widen = false
			all.Go(func() { r.drive(all, lane, false) })
		}
	}
}

// waitForRoom waits until go has taken enough of what lies ready. It reports
// whether the command still runs.
func (r *Relay) waitForRoom() bool {
	if r.flights.full() {
		r.install.Load().release() // go must not wait for us while we wait for go
		r.flights.awaitRoom()
	}
	return r.ctx.Err() == nil
}

// fetchOne goes along the list of entries as go would, up to the first that
// go takes care of by itself. It returns who has it, nil if nobody, or if go was
// quicker.
func (r *Relay) fetchOne(it item) *endpoint {
	for _, entry := range r.entries {
		e := entry.end
		if e == nil || r.ctx.Err() != nil {
			return nil
		}
		f := r.ahead(e, it)
		if f == nil {
			return nil // go was quicker
		}
		select {
		case <-f.done:
		case <-r.ctx.Done():
			return nil
		}
		switch a := f.answer; {
		case a.good():
			return e
		case a.cancelled || !a.passesComma() && !e.at.pipe || !r.goesOn(it):
			return nil
		}
	}
	return nil
}

// goesOn reports whether go will go past an entry for a file: it asks for a
// version's .info, then its .mod, then its .zip, and where one of them fails it
// tells no further entry of the version.
func (r *Relay) goesOn(it item) bool {
	before := map[kind][]kind{kindMod: {kindInfo}, kindZip: {kindInfo, kindMod}}
	for _, k := range before[it.kind] {
		if earlier, ok := versionItem(it.mod, k); !ok || !r.obtain(earlier) {
			return false
		}
	}
	return true
}

// obtain fetches a file ahead of go, and reports whether it is there. Where go
// was quicker it may yet come: then the rest is left to go.
func (r *Relay) obtain(it item) bool {
	if r.cached(it) || r.fetchOnce(it) != nil {
		return true
	}
	return r.files.has(it.path)
}

// fetchOnce is fetchOne for each file once: whoever asks meanwhile waits for
// the same outcome.
func (r *Relay) fetchOnce(it item) *endpoint {
	fetch, _ := r.fetched.LoadOrStore(it.path, sync.OnceValue(func() *endpoint { return r.fetchOne(it) }))
	return fetch.(func() *endpoint)()
}

// cached reports whether go has a file already. A zip counts with its hash
// only, without which go would fetch it.
func (r *Relay) cached(it item) bool {
	root := r.config.Settings.Get("GOMODCACHE")
	if root == "" {
		return false
	}
	file := filepath.Join(root, "cache", "download", filepath.FromSlash(it.path))
	if it.kind == kindZip && !exists(file+"hash") {
		return false
	}
	return exists(file)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
