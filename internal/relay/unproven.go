package relay

import (
	"github.com/gosteady/gosteady/internal/prefetch"
	"maps"
	"slices"
	"sync"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// unproven are the files that went to go without a proof that they are what go.sum
// names, to save a second hash: see modproxy.SmallZip. Go proves them itself, and keeps in the
// module cache what is right. The zero value is empty.
type unproven struct {
	mu    sync.Mutex
	items map[modproxy.Item]bool
}

func (u *unproven) add(it modproxy.Item) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.items == nil {
		u.items = make(map[modproxy.Item]bool)
	}
	u.items[it] = true
}

func (u *unproven) list() []modproxy.Item {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Collect(maps.Keys(u.items))
}

func (u *unproven) clear() {
	u.mu.Lock()
	defer u.mu.Unlock()
	clear(u.items)
}

// Unproven reports whether go was given anything in this run that it has to prove
// itself.
func (r *Relay) Unproven() bool { return len(r.unproven.list()) > 0 }

// Rejected returns the first file that was given to go unproven in this run, and that
// is not in the module cache: go has found it wrong, whatever it says. ok is false if
// there is none.
func (r *Relay) Rejected() (f Failure, ok bool) {
	for _, it := range r.unproven.list() {
		if !prefetch.Cached(r.config.Settings.Get("GOMODCACHE"), it) {
			return Failure{Failure: rejected(it), File: string(it.Kind)}, true
		}
	}
	return Failure{}, false
}

func rejected(it modproxy.Item) classify.Failure {
	return classify.Failure{
		Class: classify.BadContent, Transient: true, Module: it.Mod.Path, Version: it.Mod.Version,
		Evidence: it.Mod.Path + "@" + it.Mod.Version + ": go did not accept the ." + string(it.Kind) + " file",
	}
}
