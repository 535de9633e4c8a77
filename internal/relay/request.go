package relay

import (
	"context"
	"net/http"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
)

type reasonKey struct{}

// because notes in a context why something is asked with it. Without a note, go
// asked.
func because(ctx context.Context, why journal.Reason) context.Context {
	return context.WithValue(ctx, reasonKey{}, why)
}

// leastWait is what counts as waiting: anything less is our own work.
const leastWait = time.Millisecond

// A try is what the journal is told of one attempt.
type try struct {
	wanted time.Time // when there was nothing but waiting left to do
	header time.Time // when the answer began; zero: it did not
	second time.Time // when it was started once more; zero: it was not
	rest   bool      // the rest of a body is asked for
	had    int64     // bytes of it that are here
}

// nextTry begins an attempt.
func (q *question) nextTry() {
	q.try = try{wanted: q.try.wanted}
	if q.resume != nil {
		q.try.rest, q.try.had = true, q.body.size
	}
}

// noteTry records the attempt that has just ended, and its second start. Of
// two starts the one that did not answer first is given up at that moment.
func (q *question) noteTry(ctx context.Context) {
	now := q.r.now()
	first := journal.Request{
		Upstream: q.up.host, Module: q.it.mod.Path, Version: q.it.mod.Version, File: string(q.it.kind),
		Reason: q.reason(ctx), Attempt: q.tries,
	}
	if wait := q.tried.Sub(q.try.wanted); wait >= leastWait {
		first.Wait = wait
	}
	q.try.wanted = now
	if q.try.second.IsZero() {
		q.record(ctx, q.tried, now, first)
		return
	}
	second := first
	second.Reason, second.Wait = journal.Hedge, 0
	heard := now
	if !q.try.header.IsZero() {
		heard = q.try.header
	}
	if q.wasHedge {
		q.overtaken(q.tried, heard, first)
		q.record(ctx, q.try.second, now, second)
	} else {
		q.record(ctx, q.tried, now, first)
		q.overtaken(q.try.second, heard, second)
	}
}

// overtaken records a start that another one has made needless.
func (q *question) overtaken(began, end time.Time, req journal.Request) {
	req.Took, req.Dropped = end.Sub(began), true
	q.r.config.Recorder.AddRequest(began, req)
}

// record records a request with what came of it.
func (q *question) record(ctx context.Context, began, end time.Time, req journal.Request) {
	a := q.answer
	req.Took, req.Status, req.Bytes = end.Sub(began), a.status, int64(len(a.detail))
	if !q.try.header.IsZero() {
		req.Header = q.try.header.Sub(began)
	}
	if a.good() || a.inBody || a.bad != nil {
		req.Status, req.Bytes = http.StatusOK, q.body.size
		if q.resumed {
			req.Status, req.Bytes = http.StatusPartialContent, q.body.size-q.try.had
		}
	}
	switch {
	case a.good():
	case ctx.Err() != nil:
		req.Dropped = true
	default:
		req.Class = a.failed.Class
	}
	q.r.config.Recorder.AddRequest(began, req)
}

func (q *question) reason(ctx context.Context) journal.Reason {
	why, noted := ctx.Value(reasonKey{}).(journal.Reason)
	switch {
	case q.try.rest:
		return journal.Resume
	case q.tries > 1:
		return journal.Retry
	case noted:
		return why
	}
	return journal.Asked
}
