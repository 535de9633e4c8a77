package relay

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/policy"
)

// handle answers go.
func (r *Relay) handle(w http.ResponseWriter, req *http.Request) {
	rest, ok := r.port.admits(req)
	if !ok {
		refuse(w)
		return
	}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	r.used.Store(true)
	r.learnt.Do(r.learnKnown)
	number, path, _ := strings.Cut(rest, "/")
	if number == mirrorPath && r.mirror != nil {
		r.serveMirror(w, req, path)
		return
	}
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(r.entries) || r.entries[i].end == nil {
		refuse(w)
		return
	}
	it := parseItem(path)
	if it.kind == kindOther {
		r.refusePath(w, path)
		return
	}
	r.start.Do(r.prefetch)
	r.serveItem(w, req, r.entries[i].end, it)
}

// learnKnown reads what is known of versions. It waits for the first request:
// most commands make none.
func (r *Relay) learnKnown() {
	if r.config.Known != nil {
		r.config.Sums, r.config.Required = r.config.Known()
	}
}

// refuse is for strangers, whose connections are not kept. It is no 404: a go command
// of another invocation would take that for a module that does not exist.
func refuse(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	http.Error(w, "not yours", http.StatusForbidden)
}

// refusePath is for what go never asks a proxy. Whoever knows the relay's address
// could otherwise have it ask the proxy's server for anything, with the credentials
// that are for modules.
func (r *Relay) refusePath(w http.ResponseWriter, path string) {
	r.debugf("refused, %v: %q", modproxy.ErrNotProtocol, path)
	http.Error(w, modproxy.ErrNotProtocol.Error(), http.StatusForbidden)
}

func (r *Relay) serveItem(w http.ResponseWriter, req *http.Request, e *endpoint, it item) {
	r.display.begin(r.now())
	r.noteCold(it)
	r.readAhead(e, it)
	if it.kind == kindInfo {
		r.install.Load().await(req.Context(), it.mod)
	}
	a, done := r.flights.fly(req.Context(), e, it)
	defer done()
	if a.cancelled {
		abort() // go is gone, or we are
	}
	r.told(e, it, a)
	r.carriers.note(e, it, a)
	if a.good() {
		r.lookUpNext(it)
	}
	r.handOut(w, req, a)
}

// abort ends a request without an answer: a handler that merely returns has
// answered "200 OK" with nothing in it, an empty list of versions.
func abort() { panic(http.ErrAbortHandler) }

// answer obtains an item for an endpoint: from its upstream, and where that
// fails and it is allowed, from those behind it. It is held for the caller.
func (r *Relay) answer(ctx context.Context, e *endpoint, it item) *answer {
	if a := r.remembered(e, it); a != nil {
		return a
	}
	if a := r.carried(ctx, e, it); a != nil {
		return a
	}
	if r.bars(e, it) {
		return r.skip(e, it)
	}
	at := e.at
	at.from = e
	a := r.ask(ctx, e.up, it, at, r.untrusting(it))
	if a.good() || a.cancelled {
		return a
	}
	if other := r.elsewhere(ctx, e, it, a); other != nil {
		r.settleRotated(it, a, other)
		return other
	}
	if a.hurried { // nobody else has it: with all the patience, then
		a.release()
		a = r.ask(ctx, e.up, it, e.at, r.untrusting(it))
	}
	if a.bad != nil && e.at.pipe && r.entries[e.index+1].end == nil {
		// go itself can take the next entry, but only after a failure.
		a.release()
		return &answer{failed: a.failed, text: a.bad.text, from: a.from, tries: a.tries, limited: a.limited}
	}
	return a
}

// untrusting reports whether a zip is to be verified in full: go has had it
// before, and asks for it again.
func (r *Relay) untrusting(it item) bool {
	return r.said.suspect.Load() || r.files.hadZip(it.path)
}

// skip answers for a policy's proxy that must not be asked: with the 404 or 410
// that go got from an entry before, which sent it here. Where "|" sent it here after
// another failure, or an entry that go takes care of by itself, there is none to
// repeat, and it is a 404 of ours.
func (r *Relay) skip(e *endpoint, it item) *answer {
	for _, before := range r.ends {
		if before.index >= e.index {
			break
		}
		a := r.failures.recall(before.key(it))
		if a == nil {
			continue
		}
		if a.passesComma() {
			return a
		}
		a.release()
	}
	f := classify.HTTP(http.StatusNotFound, "", it.kind.SumDB())
	return &answer{status: http.StatusNotFound, reason: "404 Not Found", failed: &f, from: e.up}
}

// elsewhere asks the upstreams behind an endpoint. It returns nil if none of
// them has it, or none may be asked.
func (r *Relay) elsewhere(ctx context.Context, e *endpoint, it item, a *answer) *answer {
	ctx = because(ctx, journal.Rotate)
	if it.kind.SumDB() {
		return r.sumdbElsewhere(ctx, e, it, a)
	}
	if a.bad != nil && e.at.pipe {
		if it.query() {
			return nil
		}
		return r.walk(ctx, e, it)
	}
	if r.mayRotate(e, it, a) {
		return r.rotate(ctx, e, it, a)
	}
	return nil
}

// walk goes on along the list as go would after a failure at e. go itself
// stops at files that it cannot use, "|" or not; with queries it goes on, and may
// ask the next entry something else first.
func (r *Relay) walk(ctx context.Context, e *endpoint, it item) *answer {
	for _, next := range r.after(e) {
		if next.end == nil || r.bars(next.end, it) {
			return nil
		}
		a := r.ask(ctx, next.end.up, it, next.end.at, true)
		if a.good() || a.cancelled {
			return a
		}
		a.release()
		if !next.end.at.pipe && !a.passesComma() {
			return nil
		}
	}
	return nil
}

// mayRotate reports whether some upstream past a comma may be asked: for one
// version that go.sum names, after a failure that go would stop at, under a
// rule that says rotate.
func (r *Relay) mayRotate(e *endpoint, it item, a *answer) bool {
	return it.exact() && r.config.Sums.Names(it.mod) && r.vouched(it) && len(r.targets(e, it, a)) > 0
}

// decide returns what the policy says of a failure. What is fetched for the checksum
// database or as a toolchain has classes of their own, in the words of go; a rule that
// names them comes before one for the cause.
func (r *Relay) decide(it item, f classify.Failure) policy.Decision {
	own := f
	switch {
	case !f.Transient:
	case it.kind.SumDB():
		own.Class = classify.SumDBUnreachable
	case it.mod.Path == toolchainPath:
		own.Class = classify.Toolchain
	}
	if own.Class != f.Class && f.Class != classify.SumDBMissing {
		if d := r.config.Policy.Decide(own, it.mod.Path, r.config.CI); d.Origin != (policy.Origin{}) {
			return d
		}
	}
	return r.config.Policy.Decide(f, it.mod.Path, r.config.CI)
}

// targets are the upstreams that the policy lets be asked in the place of one.
func (r *Relay) targets(e *endpoint, it item, a *answer) []*endpoint {
	if !a.decision.Has(policy.ActRotate) {
		return nil // the usual case
	}
	proxies := make([]proxylist.Proxy, len(r.entries))
	for i, x := range r.entries {
		proxies[i] = x.proxy
	}
	var list []*endpoint
	for _, i := range a.decision.RotatesTo(proxies, e.index, a.failed.Class, r.isPrivate(it.mod.Path)) {
		list = append(list, r.entries[i].end)
	}
	return list
}

func (r *Relay) rotate(ctx context.Context, e *endpoint, it item, a *answer) *answer {
	for _, next := range r.targets(e, it, a) {
		if r.bars(next, it) {
			continue
		}
		at := next.at
		at.last = false // the first one may have it yet
		other := r.ask(ctx, next.up, it, at, true)
		if other.good() || other.cancelled {
			return other
		}
		other.release()
	}
	return nil
}
