package relay

import (
	"sync"

	"github.com/gosteady/gosteady/classify"
)

// unproven are the files that went to go without a proof that they are what go.sum
// names, to save a second hash: see smallZip. Go proves them itself, and keeps in the
// module cache what is right. The zero value is empty.
type unproven struct {
	mu    sync.Mutex
	items map[string]item // by path
}

func (u *unproven) add(it item) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.items == nil {
		u.items = make(map[string]item)
	}
	u.items[it.path] = it
}

func (u *unproven) list() []item {
	u.mu.Lock()
	defer u.mu.Unlock()
	var list []item
	for _, it := range u.items {
		list = append(list, it)
	}
	return list
}

func (u *unproven) clear() {
	u.mu.Lock()
	defer u.mu.Unlock()
	clear(u.items)
}

// proves reports whether check has compared a file with go.sum.
func (r *Relay) proves(it item, size int64, thorough bool) bool {
	switch it.kind {
	case kindZip:
		whole := thorough || size <= smallZip && !r.install.Load().installs(it.mod)
		return whole && r.config.Sums.Zip(it.mod) != nil
	case kindMod:
		return r.config.Sums.GoMod(it.mod) != nil
	}
	return true // nothing can
}

// Unproven reports whether go was given anything in this run that it has to prove
// itself.
func (r *Relay) Unproven() bool { return len(r.unproven.list()) > 0 }

// Rejected returns the first file that was given to go unproven in this run, and that
// is not in the module cache: go has found it wrong, whatever it says. ok is false if
// there is none.
func (r *Relay) Rejected() (f Failure, ok bool) {
	for _, it := range r.unproven.list() {
		if !r.cached(it) {
			return Failure{Failure: rejected(it), File: string(it.kind)}, true
		}
	}
	return Failure{}, false
}

func rejected(it item) classify.Failure {
	return classify.Failure{
		Class: classify.BadContent, Transient: true, Module: it.mod.Path, Version: it.mod.Version,
		Evidence: it.mod.Path + "@" + it.mod.Version + ": go did not accept the ." + string(it.kind) + " file",
	}
}
