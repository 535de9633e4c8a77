package relay

import (
	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
)

// Unproven reports whether go was given anything in this run that it has to prove
// itself.
func (r *Relay) Unproven() bool { return len(r.files.unproven.list()) > 0 }

// Rejected returns the first file that was given to go unproven in this run, and that
// is not in the module cache: go has found it wrong, whatever it says. ok is false if
// there is none.
func (r *Relay) Rejected() (f Failure, ok bool) {
	for _, it := range r.files.unproven.list() {
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
