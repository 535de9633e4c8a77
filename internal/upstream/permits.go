package upstream

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/retry"
)

// permits are what an attempt holds of the limits that all share. Those that are nil
// it does not hold.
type permits struct {
	answered func(limit.Result)      // to be told of the header, or the failure
	room     func(limit.Result) bool // to be told of the end
	retry    func(limit.Result)      // of the retry budget
	rested   func()                  // while it waits: to be called when it does not any more
}

var (
	// errBudget says that there is no time left to wait in.
	errBudget = errors.New("the wait budget is used up")
	// errOther says that another request finds out whether the upstream is back, and
	// that somebody else can be asked meanwhile.
	errOther = errors.New("it is down, and another request tries it")
)

// enter waits for what the next attempt needs. Where somebody else can be asked, an
// outage is not waited for.
func (f *fetch) enter(ctx context.Context) (err error) {
	outage, leaves := f.client.outage(f.req.Item), f.leaves()
	// A rule's own schedule and its wait-for are obeyed as they stand.
	passes := leaves || f.err != nil && !retry.Waits(f.err.Decision)
	if f.tries > 0 && !f.next.Free {
		if f.retry, err = f.retryPermit(ctx, leaves && outage.IsDown()); err != nil {
			return err
		}
		if !f.next.Patient && !f.wait.Spend(f.tried, f.group.now()) {
			return errBudget
		}
	}
	var room *limit.Concurrency
	if f.req.Item.Exact() { // go makes its queries, and asks the checksum database, side by side without a bound
		room = f.client.concurrency
	}
	if passes {
		f.answered = outage.Pass()
		if room != nil {
			f.room, err = room.Acquire(ctx)
		}
		return err
	}
	down, since, within := outage.IsDown(), f.group.now(), ctx
	if down {
		f.rested = f.group.config.Observer.Waiting(f.waiting())
		defer f.wake()
	}
	if down && f.wait != f.group.config.Wait { // the outage may last for longer than this fetch's own budget
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, f.wait.Left(f.began, f.group.now()))
		defer cancel()
	}
	f.answered, f.room, err = limit.Enter(within, outage, room, f.asks())
	if down || err != nil { // else it was for room
		f.paused += f.group.now().Sub(since)
	}
	if last := outage.Last(); down && err != nil && ctx.Err() == nil && asError(err) == nil && last != nil {
		err = &limit.Down{Last: last}
	}
	return err
}

// asks is the file that is asked for.
func (f *fetch) asks() limit.File { return limit.File{Module: f.req.Item.Mod.Path, Path: f.url.Path} }

// retryPermit takes a retry. Of those for which somebody else can be asked while an
// upstream is down only one is made at a time.
func (f *fetch) retryPermit(ctx context.Context, alone bool) (func(limit.Result), error) {
	if !alone {
		return f.client.retries.Acquire(ctx)
	}
	if permit, ok := f.client.retries.TryAlone(); ok {
		return permit, nil
	}
	return nil, errOther
}

// leaves reports whether somebody else is asked instead of waiting for an upstream that
// is down.
func (f *fetch) leaves() bool { return f.req.Pipe && !f.req.Patient || f.mayRotate() }

// mayRotate reports whether another upstream may be asked where this one does not
// answer.
func (f *fetch) mayRotate() bool {
	fail := classify.Failure{Class: classify.Timeout, Transient: true}
	return f.req.Rotates != nil && f.req.Rotates(fail, f.group.decide(f.req.Item, fail))
}

// refused ends a fetch that was not let through: with its own last failure, or with
// that of those who found the upstream down.
func (f *fetch) refused(ctx context.Context, err error) error {
	f.release(limit.Result{})
	if known := asError(err); f.err == nil && known != nil {
		f.err = known.about(f.req.Item, f.client)
		f.err.Decision = f.group.decide(f.req.Item, f.err.Failure)
	}
	if ctx.Err() == nil && f.err != nil {
		f.err.Limited = err != errOther
		f.err.Early = err == errOther && !f.req.Pipe
		why := err.Error()
		if down := (*limit.Down)(nil); errors.As(err, &down) {
			why = "upstream is down" // why is in the lines of those who asked it
		}
		f.group.debugf("%s %s: not asked again, %s", f.client.Host(), f.client.path(f.req.Item), why)
	}
	return err
}

// release gives back what an attempt holds, and reports whether it was turned away for
// the number of requests beside it.
func (f *fetch) release(r limit.Result) (turnedAway bool) {
	f.wake()
	if f.answered != nil {
		f.answered(r)
		f.answered = nil
	}
	if f.room != nil {
		turnedAway = f.room(r)
		f.room = nil
	}
	if f.retry != nil {
		f.retry(r)
		f.retry = nil
	}
	return turnedAway
}

// wake notes that the fetch does not wait any more.
func (f *fetch) wake() {
	if f.rested != nil {
		f.rested()
		f.rested = nil
	}
}

// result is what the last attempt says of the upstream.
func (f *fetch) result(ctx context.Context) limit.Result {
	if ctx.Err() != nil {
		return limit.Result{}
	}
	r := limit.Result{Sign: limit.Answered, Status: http.StatusOK, Module: f.req.Item.Mod.Path, File: f.url.Path}
	e := f.err
	if f.file != nil || e.InBody || e.Invalid != nil {
		return r
	}
	known := *e // those who wait read it, while what it cost is added to the other
	r.Status, r.After, r.Err = e.Status, f.after, &known
	switch {
	case e.Status > 0:
		r.Sign = limit.SignOf(e.Status)
	case e.Failure.Unreachable(), e.Failure.Class == classify.HTTPProxy && e.Failure.Transient && e.Failure.Status == 0:
		r.Sign = limit.Silent
	case e.down():
		r.Sign = limit.Troubled
		r.Cut = e.Failure.Class == classify.Reset || e.Failure.Class == classify.Truncated
	}
	return r
}

// mayHedge reports whether a request may be started once more: that is load
// like a retry, and an upstream that is down gets none.
func (f *fetch) mayHedge() bool {
	if f.client.outage(f.req.Item).IsDown() || !f.client.retries.Try() {
		return false
	}
	f.span.second = f.group.now()
	return true
}
