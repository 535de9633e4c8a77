package relay

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/internal/upstream"
	"github.com/gosteady/gosteady/policy"
)

// errNotAsked says that an upstream must not be asked for an item.
var errNotAsked = errors.New("not asked")

// fetchFor obtains an item for an endpoint: from its upstream, and where that
// fails and it is allowed, from those behind it. It is held for the caller.
func (r *Relay) fetchFor(ctx context.Context, entry int, it modproxy.Item, why journal.Reason) prefetch.Result {
	e := r.ends[entry]
	if a, ok := r.remembered(e, it); ok {
		return a
	}
	if a, ok := r.carried(ctx, e, it, why); ok {
		return a
	}
	if r.denied(e, it) {
		return r.skip(e, it)
	}
	at := e.at
	at.from = e
	a := r.fetch(ctx, e.client, it, at, r.whole(it), why)
	failed := a.Failure()
	if failed == nil {
		return a
	}
	if other, ok := r.elsewhere(ctx, e, it, failed); ok {
		r.healedBy(other, it, failed)
		return other
	}
	if failed.Early { // nobody else has it: with all the patience, then
		a.Release()
		a = r.fetch(ctx, e.client, it, e.at, r.whole(it), why)
	}
	if failed = a.Failure(); failed != nil && failed.Invalid != nil && e.at.pipe && r.ends[e.index+1] == nil {
		// go itself can take the next entry, but only after a failure.
		a.Release()
		return prefetch.Result{Err: failed.WithoutFile()}
	}
	return a
}

// fetch fetches an item from one upstream.
func (r *Relay) fetch(ctx context.Context, c *upstream.Client, it modproxy.Item, at position, whole bool, why journal.Reason) prefetch.Result {
	req := upstream.Request{
		Item: it, Expect: r.expect(it, whole), Reason: why,
		Pipe: at.pipe, Last: at.last, Patient: r.patient.Load(), Wrong: r.files.takeWrong(it),
	}
	if at.from != nil {
		req.Rotates = func(f classify.Failure, d policy.Decision) bool { return r.mayRotate(at.from, it, f, d) }
	}
	file, err := c.Fetch(ctx, req)
	a := prefetch.Result{File: file, Err: err}
	e := a.Failure()
	if e == nil || e.Tries > 0 {
		r.asked.add(askedOf{c, it.Mod.Path})
	}
	if e != nil && at.pipe && e.Failure.Class == classify.Timeout && e.Decision.Has(policy.ActRetry) {
		r.gaveUpEarly.Store(true) // it might have become an answer, but for what go can ask instead
	}
	return a
}

// expect is what go.sum and the checksum database have to say of an item.
func (r *Relay) expect(it modproxy.Item, whole bool) modproxy.Expect {
	x := modproxy.Expect{Whole: whole}
	switch it.Kind {
	case modproxy.Zip:
		x.Sums, x.Hashed = r.config.Sums.Zip(it.Mod), r.prefetch.Installs(it.Mod)
	case modproxy.Mod:
		x.Sums = r.config.Sums.GoMod(it.Mod)
	default:
		return x
	}
	x.InSumDB = r.inSumDB(it.Mod.Path) && !r.isPrivate(it.Mod.Path)
	return x
}

// known is what the project says of an item.
func (r *Relay) known(it modproxy.Item) retry.Item {
	return retry.Item{
		Exact: it.Exact(), Known: r.config.Sums.Names(it.Mod),
		Guess: !r.knows(it), Shadowed: r.modules.hasPrefix(it.Mod.Path),
	}
}

// whole reports whether a zip is to be verified in full: go has had it
// before, and asks for it again.
func (r *Relay) whole(it modproxy.Item) bool { return r.suspect.Load() || r.files.zips.has(it) }

// remembered is what FromMemory answers with, held for the caller.
func (r *Relay) remembered(e *endpoint, it modproxy.Item) (failed prefetch.Result, ok bool) {
	if !r.fromMemory.Load() {
		return prefetch.Result{}, false
	}
	return r.failures.recall(e.key(it))
}

// skip answers for a policy's proxy that must not be asked: with the 404 or 410
// that go got from an entry before, which sent it here. Where "|" sent it here after
// another failure, or an entry that go takes care of by itself, there is none to
// repeat, and it is a 404 of ours.
func (r *Relay) skip(e *endpoint, it modproxy.Item) prefetch.Result {
	for _, before := range r.ends[:e.index] {
		if before == nil {
			continue
		}
		if a, ok := r.failures.recall(before.key(it)); ok {
			if a.Missing() {
				return a
			}
			a.Release()
		}
	}
	return prefetch.Result{Err: &upstream.Error{
		Failure: classify.HTTP(http.StatusNotFound, "", it.Kind.SumDB()), From: e.client,
		Answer: upstream.Answer{Status: http.StatusNotFound, Reason: "404 Not Found"},
	}}
}

// elsewhere asks the upstreams behind an endpoint. ok is false if none of them has it,
// or none may be asked.
func (r *Relay) elsewhere(ctx context.Context, e *endpoint, it modproxy.Item, failed *upstream.Error) (other prefetch.Result, ok bool) {
	switch {
	case it.Kind.SumDB():
		return r.sumdbElsewhere(ctx, e, it, failed)
	case failed.Invalid != nil && e.at.pipe:
		// go itself stops at files that it cannot use, "|" or not; with queries it goes
		// on, and may ask the next entry something else first.
		if it.Query() {
			return prefetch.Result{}, false
		}
		return r.firstOf(e.index+1, func(i int) prefetch.Result {
			next := r.ends[i]
			if next == nil || r.denied(next, it) {
				return prefetch.Result{Err: proxylist.Stop(errNotAsked)}
			}
			return r.fetch(ctx, next.client, it, next.at, true, journal.Rotate)
		})
	case r.mayRotate(e, it, failed.Failure, failed.Decision):
		return r.rotate(ctx, e, it, failed)
	}
	return prefetch.Result{}, false
}

// firstOf goes along the list from an entry on as go would, up to the first with a good
// result, or one that nobody waited for. Other results are given back.
func (r *Relay) firstOf(from int, fetch func(i int) prefetch.Result) (a prefetch.Result, ok bool) {
	err := proxylist.Try(r.list, from, func(i int) error {
		a = fetch(i)
		if errors.Is(a.Err, context.Canceled) {
			return proxylist.Stop(a.Err)
		}
		if !a.Good() {
			a.Release()
		}
		return a.Err
	})
	return a, err == nil || errors.Is(err, context.Canceled)
}

// mayRotate reports whether some upstream past a comma may be asked: for one
// version that go.sum names, after a failure that go would stop at, under a
// rule that says rotate.
func (r *Relay) mayRotate(e *endpoint, it modproxy.Item, f classify.Failure, d policy.Decision) bool {
	return it.Exact() && r.config.Sums.Names(it.Mod) && r.vouched(it) && len(r.targets(e, it, f, d)) > 0
}

// targets are the upstreams that the policy lets be asked in the place of one.
func (r *Relay) targets(e *endpoint, it modproxy.Item, f classify.Failure, d policy.Decision) (list []*endpoint) {
	if !d.Has(policy.ActRotate) {
		return nil // the usual case
	}
	for _, i := range d.RotatesTo(r.list, e.index, f.Class, r.isPrivate(it.Mod.Path)) {
		list = append(list, r.ends[i])
	}
	return list
}

func (r *Relay) rotate(ctx context.Context, e *endpoint, it modproxy.Item, failed *upstream.Error) (a prefetch.Result, ok bool) {
	for _, next := range r.targets(e, it, failed.Failure, failed.Decision) {
		if r.denied(next, it) {
			continue
		}
		at := next.at
		at.last = false // the first one may have it yet
		if a = r.fetch(ctx, next.client, it, at, true, journal.Rotate); a.Good() || a.Cancelled() {
			return a, true
		}
		a.Release()
	}
	return prefetch.Result{}, false
}

// askedOf is a module that an upstream was asked for.
type askedOf struct {
	client *upstream.Client
	path   string
}
