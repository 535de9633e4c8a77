package relay

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
	turn     func(limit.Result)      // of a retry
	rested   func()                  // while it waits: to be called when it does not any more
}

var (
	// errBudget says that there is no time left to wait in.
	errBudget = errors.New("the wait budget is spent")
	// errOther says that another request finds out whether the upstream is back, and
	// that somebody else can be asked meanwhile.
	errOther = errors.New("it is down, and another request tries it")
)

// enter waits for what the next attempt needs. Where somebody else can be asked, an
// outage is not waited for.
func (q *question) enter(ctx context.Context) (err error) {
	outage, leaves := q.up.outage(q.it), q.leaves()
	// A rule's own schedule and its wait-for are obeyed as they stand.
	passes := leaves || q.answer != nil && !retry.Waits(q.answer.decision)
	if q.tries > 0 && !q.next.Free {
		if q.turn, err = q.retryTurn(ctx, leaves && outage.IsDown()); err != nil {
			return err
		}
		if !q.next.Patient && !q.r.wait.Spend(q.tried, q.r.now()) {
			return errBudget
		}
	}
	var room *limit.Concurrency
	if q.it.exact() { // go makes its queries, and asks the checksum database, side by side without a bound
		room = q.up.concurrency
	}
	if passes {
		q.answered = outage.Pass()
		if room != nil {
			q.room, err = room.Acquire(ctx)
		}
		return err
	}
	if outage.IsDown() {
		q.rested = q.r.display.sleeping(q)
		defer q.wake()
	}
	q.answered, q.room, err = limit.Enter(ctx, outage, room, q.it.mod.Path)
	return err
}

// retryTurn takes a retry. Of those for which somebody else can be asked while an
// upstream is down only one is made at a time.
func (q *question) retryTurn(ctx context.Context, alone bool) (func(limit.Result), error) {
	if !alone {
		return q.up.retries.Acquire(ctx)
	}
	if turn, ok := q.up.retries.TryAlone(); ok {
		return turn, nil
	}
	return nil, errOther
}

// leaves reports whether somebody else is asked instead of waiting for an upstream that
// is down.
func (q *question) leaves() bool {
	return q.place.pipe && !q.r.said.patiently.Load() || q.mayLeave()
}

// mayLeave reports whether another upstream may be asked where this one does not
// answer.
func (q *question) mayLeave() bool {
	if q.place.from == nil {
		return false
	}
	f := classify.Failure{Class: classify.Timeout, Transient: true}
	return q.r.mayRotate(q.place.from, q.it, &answer{failed: &f, decision: q.r.decide(q.it, f)})
}

// refused ends a question that was not let through: with its own last failure, or with
// that of those who found the upstream down.
func (q *question) refused(ctx context.Context, err error) error {
	q.release(limit.Result{})
	var known *answerError
	if q.answer == nil && errors.As(err, &known) {
		q.answer = known.about(q.it, q.up)
		q.answer.decision = q.r.decide(q.it, *q.answer.failed)
	}
	if ctx.Err() == nil && q.answer != nil {
		q.answer.limited = err != errOther
		q.answer.hurried = err == errOther && !q.place.pipe
		q.r.debugf("%s %s: not asked again, %v", q.up.host, q.it.path, err)
	}
	return err
}

// heard tells of an answer as soon as its header is there, if that says that the
// upstream is up. What a failure says is read first.
func (q *question) heard(res *http.Response) {
	if sign(res.StatusCode) == limit.Answered && q.answered != nil {
		q.answered(limit.Result{Sign: limit.Answered, Status: res.StatusCode})
		q.answered = nil
		q.up.conduct.answeredOnce()
	}
}

// release gives back what an attempt holds, and reports whether it was turned away as
// one of a crowd.
func (q *question) release(r limit.Result) (crowded bool) {
	q.wake()
	if q.answered != nil {
		q.answered(r)
		q.answered = nil
	}
	if q.room != nil {
		crowded = q.room(r)
		q.room = nil
	}
	if q.turn != nil {
		q.turn(r)
		q.turn = nil
	}
	return crowded
}

// wake notes that the question does not wait any more.
func (q *question) wake() {
	if q.rested != nil {
		q.rested()
		q.rested = nil
	}
}

// result is what the last attempt says of the upstream.
func (q *question) result(ctx context.Context) limit.Result {
	if ctx.Err() != nil {
		return limit.Result{}
	}
	r := limit.Result{Sign: limit.Answered, Status: http.StatusOK, Module: q.it.mod.Path}
	a := q.answer
	if a.good() || a.inBody || a.bad != nil {
		return r
	}
	r.Status, r.After, r.Err = a.status, q.after, &answerError{a}
	switch {
	case a.status > 0:
		r.Sign = sign(a.status)
	case a.failed.Unreachable(), a.failed.Class == classify.HTTPProxy && a.failed.Transient && a.failed.Status == 0:
		r.Sign = limit.Silent
	case a.down():
		r.Sign = limit.Troubled
		r.Cut = a.failed.Class == classify.Reset || a.failed.Class == classify.Truncated
	}
	if r.Cut {
		q.up.conduct.tookOne()
		q.r.offline.heard() // there is a network
	}
	return r
}

// sign is what a status says of a server.
func sign(status int) limit.Sign {
	switch {
	case status == http.StatusTooManyRequests:
		return limit.Busy
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return limit.Troubled
	}
	return limit.Answered
}

// An answerError is a failure as an error.
type answerError struct{ *answer }

func (e *answerError) Error() string { return string(e.failed.Class) }

// mayHedge reports whether a request may be started once more: that is load
// like a retry, and an upstream that is down gets none.
func (q *question) mayHedge() bool {
	if q.up.outage(q.it).IsDown() || !q.up.retries.Try() {
		return false
	}
	q.try.second = q.r.now()
	return true
}

// hedged notes that the second start answered first.
func (q *question) hedged() { q.wasHedge = true }
