package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/retry"
)

// probeDeadline is how long an upstream that is down may take to answer a probe.
const probeDeadline = 10 * time.Second

// newOutage makes the gate that requests wait at while an upstream is down.
func (r *Relay) newOutage(u *upstream) *limit.Outage {
	return &limit.Outage{
		Clock: r.config.Clock,
		Vote:  func(s limit.Spell) (time.Duration, bool) { return r.vote(u, s) },
		Check: func(ctx context.Context) (limit.Result, bool) { return r.probe(ctx, u) },
		Tell:  func(s limit.Spell, wait time.Duration) { r.tellOutage(u, s, wait) },
		Back: func(s limit.Spell, was limit.Was) {
			r.debugf("%s: up again after %s", u.host, r.now().Sub(s.Since))
			u.concurrency.Restart(was)
		},
	}
}

// vote decides when an upstream that is down is probed, and for how long.
func (r *Relay) vote(u *upstream, s limit.Spell) (wait time.Duration, again bool) {
	var last *answerError
	if !errors.As(s.Last.Err, &last) {
		return 0, false
	}
	now := r.now()
	state := u.state(now, *last.failed)
	attempt := retry.Attempt{Failure: *last.failed, RetryAfter: s.Last.After, Tries: s.Probes, Waited: now.Sub(s.Since), Cause: retry.Probe}
	allowed := r.allowed(last.answer, s.Since)
	v := retry.Next(attempt, state, allowed, r.config.Rand)
	if v.Again && !r.withinBound(attempt, state, allowed, v, new(bool)) {
		v = retry.Verdict{Limited: true}
	}
	if v.Again && !r.wait.Spend(s.Since, now.Add(v.Wait)) {
		v = retry.Verdict{Limited: true}
	}
	if v.Limited {
		r.offline.giveUp(*last.failed, now)
	}
	r.debugf("%s: down since %s, %s, asked %d times, again %v in %s", u.host, s.Since.Format(time.TimeOnly), last.failed.Class, s.Probes, v.Again, v.Wait)
	return v.Wait, v.Again
}

// probe asks for a small file that an upstream has served.
func (r *Relay) probe(ctx context.Context, u *upstream) (limit.Result, bool) {
	it, ok := u.conduct.servedFile()
	if !ok {
		return limit.Result{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, probeDeadline)
	defer cancel()
	q := &question{r: r, up: u, it: it, url: join(u.base, it), place: place{last: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, q.url.String(), nil)
	if err != nil {
		return limit.Result{}, false
	}
	r.auth.Add(ctx, req)
	q.tried, q.tries = r.now(), 1
	res, err := (&http.Client{Transport: u.lines.main(), CheckRedirect: modproxy.CheckRedirect}).Do(req)
	if err != nil {
		q.broken(err)
		r.debugf("%s %s: still down: %s", u.host, it.path, q.evidence())
		return q.result(context.WithoutCancel(ctx)), true
	}
	defer res.Body.Close()
	if sign(res.StatusCode) == limit.Answered {
		io.CopyN(io.Discard, res.Body, maxDetail) // so that the connection is used again
		return limit.Result{Sign: limit.Answered, Status: res.StatusCode}, true
	}
	q.after = retryAfter(res.Header, r.now())
	q.receiveStatus(res) // its error is q.answer
	return q.result(ctx), true
}

// tellOutage says what is being waited for, before a wait that takes it beyond five
// seconds.
func (r *Relay) tellOutage(u *upstream, s limit.Spell, wait time.Duration) {
	now := r.now()
	var last *answerError
	if now.Add(wait).Sub(s.Since) <= tellAfter || !errors.As(s.Last.Err, &last) || !r.display.mayTell(now) {
		return
	}
	r.config.Notify(fmt.Sprintf(console.Prefix+"waiting for %s since %s (%s, probe %d); interrupt to give up",
		u.host, s.Since.Format(time.TimeOnly), last.failed.Class, s.Probes))
}
