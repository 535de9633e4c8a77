package upstream

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/retry"
)

// probeDeadline is how long an upstream that is down may take to answer a probe.
const probeDeadline = 10 * time.Second

// newOutage makes the gate that requests wait at while an upstream is down.
func (c *Client) newOutage(service int) *limit.Outage {
	return &limit.Outage{
		Clock: c.group.config.Clock,
		Vote:  func(s limit.Spell) (time.Duration, bool) { return c.vote(s, service) },
		Check: c.probe,
		Tell:  c.tellOutage,
		Back: func(s limit.Spell, was limit.Was) {
			c.group.debugf("%s: up again after %s", c.Host(), c.group.now().Sub(s.Since))
			c.concurrency.Restart(was)
		},
	}
}

// vote decides when an upstream that is down is probed, and for how long.
func (c *Client) vote(s limit.Spell, service int) (wait time.Duration, again bool) {
	g, last := c.group, asError(s.Last.Err)
	if last == nil {
		return 0, false
	}
	now, budget := g.now(), g.waitFor(nil)
	state := c.state(last.Failure, service)
	attempt := retry.Attempt{Failure: last.Failure, RetryAfter: s.Last.After, Tries: s.Probes, Waited: now.Sub(s.Since), Cause: retry.Probe}
	allowed := g.allowed(last, budget, s.Since)
	v := retry.Next(attempt, state, allowed, g.config.Rand)
	if v.Again && (!g.withinBound(attempt, state, allowed, v, new(bool)) || !budget.Spend(s.Since, now.Add(v.Wait))) {
		v = retry.Verdict{Limited: true}
	}
	if v.Limited {
		g.offline.giveUp(last.Failure, now)
	}
	g.debugf("%s: down since %s, %s, asked %d times, again %v in %s", c.Host(), s.Since.Format(time.TimeOnly), last.Failure.Class, s.Probes, v.Again, v.Wait)
	return v.Wait, v.Again
}

// probe asks for a small file that an upstream has served.
func (c *Client) probe(ctx context.Context) (limit.Result, bool) {
	it := c.stats.get().small
	if it.Kind == "" {
		return limit.Result{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, probeDeadline)
	defer cancel()
	f := c.newFetch(Request{Item: it, Last: true, Reason: journal.Asked}, c.group.now())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url.String(), nil)
	if err != nil {
		return limit.Result{}, false
	}
	c.group.config.Auth.Add(ctx, req)
	f.tried, f.tries = c.group.now(), 1
	res, err := (&http.Client{Transport: c.lines.main(), CheckRedirect: modproxy.CheckRedirect}).Do(req)
	if err != nil {
		f.broken(err)
		c.group.debugf("%s %s: still down: %s", c.Host(), c.path(it), f.err)
		r := f.result(context.WithoutCancel(ctx))
		if r.Cut {
			c.stats.ended(ending{cut: true}, it, f.tried)
			c.group.offline.heard(c.group.now())
		}
		return r, true
	}
	defer res.Body.Close()
	if limit.SignOf(res.StatusCode) == limit.Answered {
		io.CopyN(io.Discard, res.Body, maxDetail) // so that the connection is used again
		return limit.Result{Sign: limit.Answered, Status: res.StatusCode}, true
	}
	f.after = retryAfter(res.Header, c.group.now())
	f.receiveStatus(res) // its error is f.err
	return f.result(ctx), true
}

// tellOutage says what is being waited for, before a wait that takes it beyond five
// seconds.
func (c *Client) tellOutage(s limit.Spell, wait time.Duration) {
	last := asError(s.Last.Err)
	if c.group.now().Add(wait).Sub(s.Since) <= tellAfter || last == nil {
		return
	}
	c.group.config.Observer.Say(fmt.Sprintf(console.Prefix+"waiting for %s since %s (%s, probe %d); interrupt to give up",
		c.Host(), s.Since.Format(time.TimeOnly), last.Failure.Class, s.Probes))
}
