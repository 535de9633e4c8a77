package upstream

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/policy"
)

// A fetch is one item fetched from one upstream, with all its attempts. It is used by
// one goroutine.
type fetch struct {
	client *Client
	group  *Group
	req    Request
	url    *url.URL
	wait   *limit.Wait

	history
	attempt
	transfer
	next retry.Verdict // about the next attempt
}

// A history is what a fetch remembers of all its attempts.
type history struct {
	began        time.Time // the first one
	tries        int
	free         int                // of them, those that do not count
	turnedAway   int                // how often for the number of requests side by side
	bodies       int                // those whose body broke off, or whose connection did that served others
	failures     []classify.Failure // that another attempt followed, or that were found before
	trouble      string             // the last of them, in go's words
	paused       time.Duration      // before further tries
	missingSince time.Time          // since when a version is said to be missing, or a rule's wait-for counts; zero: it is not
	authorized   bool               // GOAUTH was asked about this URL
	misclocked   bool               // a Retry-After was passed over; see sane
	beyond       bool               // only the repository's policy asks again; see withinBound
	refusals     int                // 4xx in a row, the last attempt's included; see believed
}

// An attempt is the current one, or the last one: it has a file or an error.
type attempt struct {
	tried    time.Time
	span     span // for the journal
	file     *File
	err      *Error
	denied   *http.Response // a 4xx
	after    time.Duration  // what the answer asks to wait; 0: nothing
	fresh    time.Duration  // how long caches repeat the answer; 0: unknown
	wasHedge bool           // its second start answered first
	ways     [2]*way        // what its starts went by
	host     string         // that answered or failed, behind a redirect; "": the upstream
	permits
}

// believed is how many times in a row an https server has to refuse with a 4xx before
// that is its answer: since go1.24, cmd/go asks each https URL that answers so once
// more, always (get in web/http.go), and is what a person compares us with.
const believed = 2

// clockStep is what a certificate's time is waited beyond: it counts in seconds.
const clockStep = 100 * time.Millisecond

func (c *Client) newFetch(req Request, wanted time.Time) *fetch {
	req.Expect.Proxy = c.shown
	f := &fetch{client: c, group: c.group, req: req, url: c.URL(req.Item), wait: c.group.waitFor(req.Wait)}
	f.span.wanted = wanted
	f.ways = newWays()
	if w := req.Wrong; w != nil {
		f.failures = append(f.failures, classify.Failure{Class: w.Class, Module: req.Item.Mod.Path, Version: req.Item.Mod.Version})
		f.trouble = w.Text
	}
	return f
}

// run makes the attempts. It returns nil with a file, and else the last attempt's error,
// or the context's.
func (f *fetch) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f.began = f.group.now()
	f.attempts(ctx)
	f.release(limit.Result{})
	if f.file != nil {
		return nil
	}
	if f.err == nil || f.err.File == nil {
		f.body.Close() // else it is given back with the error
	}
	if ctx.Err() != nil {
		f.err.Release()
		f.abandon()
		return ctx.Err()
	}
	now := f.group.now()
	f.err.Effort = Effort{Tries: f.tries, Ended: now, Took: now.Sub(f.began), Paused: f.paused}
	return f.err
}

// attempts makes them in go-retryablehttp's loop.
func (f *fetch) attempts(ctx context.Context) {
	loop := retry.Loop{
		Client: &http.Client{Transport: hedger{f}, CheckRedirect: modproxy.CheckRedirect},
		Begin:  f.begin, Header: f.header, Read: f.receive, Next: f.ended, Pause: f.pause,
	}
	if err := loop.Run(ctx, f.url.String()); err != nil && f.tries == 0 && f.err == nil {
		f.fail(classify.Failure{Class: classify.Configuration}, err.Error())
	}
}

// begin makes the request of the next attempt, when it may be made.
func (f *fetch) begin(req *http.Request) error {
	ctx := req.Context()
	if f.tries > 0 {
		f.wake()
		f.paused += max(0, f.next.Wait)
	}
	if err := f.enter(ctx); err != nil {
		return f.refused(ctx, err)
	}
	f.tried = f.group.now()
	f.tries++
	f.file, f.wasHedge, f.denied, f.after, f.host = nil, false, nil, 0, ""
	f.ways = newWays()
	f.nextSpan()
	f.client.lines.main() // made before a hedge may want it
	req.Header = make(http.Header)
	if f.resume != nil {
		f.resume.Ask(req.Header, f.body.Size())
	}
	if f.known() != nil {
		req.Header.Set("Cache-Control", "no-cache") // the damage may be a cache's
	}
	f.group.config.Auth.Add(ctx, req)
	return nil
}

// broken notes an attempt that did not get as far as an answer.
func (f *fetch) broken(err error) {
	fail := classify.Err(err)
	switch fail.Class {
	case "", classify.NotFetch:
		// The network said something that the table does not know.
		fail.Class, fail.Transient = classify.Reset, true
	case classify.BadContent:
		fail.Transient = true // redirects in a circle: a portal's, or an outage's
	}
	if in, ok := classify.ValidSoon(err); ok {
		f.after = min(in+clockStep, retry.LongestAsk)
	}
	if fail.Class == classify.HTTP2 && f.client.stats.get().serving(f.group.now()) {
		f.bodies++ // a shared connection breaks for all that it carries, and says nothing of this file
	}
	e := &Error{Text: err.Error()}
	var at *url.Error
	if errors.As(err, &at) {
		e.cause = at.Err
		if last, err := url.Parse(at.URL); err == nil {
			f.host = f.hop(last)
		}
	}
	f.failWith(fail, e)
}

// fail notes a failure below HTTP. text is what go would say.
func (f *fetch) fail(fail classify.Failure, text string) error {
	return f.failWith(fail, &Error{Text: text})
}

// failWith notes a failure, and what the policy says about it.
func (f *fetch) failWith(fail classify.Failure, e *Error) error {
	fail.Module, fail.Version, fail.Host = f.req.Item.Mod.Path, f.req.Item.Mod.Version, cmp.Or(f.host, f.client.Host())
	e.Failure, e.From, e.Decision = fail, f.client, f.group.decide(f.req.Item, fail)
	f.err = e
	return e
}

// ended looks at the last attempt and says whether there is another one, and when. err is
// that of an attempt that got no answer.
func (f *fetch) ended(ctx context.Context, err error) (wait time.Duration, again bool) {
	if err != nil {
		f.broken(err)
	}
	turnedAway := f.observe(ctx)
	if ctx.Err() != nil || f.file != nil {
		return 0, false
	}
	a, u, p := f.failed(ctx, turnedAway), f.state(), f.allowed()
	f.next = retry.Next(a, u, p, f.group.config.Rand)
	if f.next.Again && !f.within(a, u, p) {
		f.next = retry.Verdict{Limited: true}
	}
	if !f.next.Again {
		f.giveUp(a, u, p)
		return 0, false
	}
	f.group.debugf("%s %s: %s, again in %s: %s", f.client.Host(), f.client.path(f.req.Item), f.err.Failure.Class, f.next.Wait, f.err)
	if !f.next.AsGo {
		f.failures, f.trouble = append(f.failures, f.err.Failure), f.err.Error()
	}
	if f.next.Free {
		f.free++
	}
	if f.next.Free && turnedAway {
		f.turnedAway++
	}
	if f.next.Patient {
		f.wait.BePatient(f.group.now())
	}
	return f.next.Wait, true
}

// within holds the next attempt against what a repository's policy may add, and against
// the wait budget.
func (f *fetch) within(a retry.Attempt, u retry.Upstream, p retry.Policy) bool {
	if !f.group.withinBound(a, u, p, f.next, &f.beyond) {
		return false
	}
	return f.next.Free || f.next.Patient || f.wait.Spend(f.tried, f.group.now().Add(f.next.Wait))
}

// pause is called before the wait.
func (f *fetch) pause(d time.Duration) time.Duration {
	f.tell()
	f.rested = f.group.config.Observer.Waiting(f.waiting())
	return f.group.config.Clock.Pause(d)
}

// giveUp notes that there is no further attempt.
func (f *fetch) giveUp(a retry.Attempt, u retry.Upstream, p retry.Policy) {
	if retry.AskedOut(a) {
		f.client.stats.missed()
	}
	if f.next.Limited {
		f.group.offline.giveUp(f.err.Failure, f.group.now())
	}
	f.err.Limited = f.next.Limited
	if a.Rotates {
		a.Rotates = false
		f.err.Early = retry.Next(a, u, p, f.group.config.Rand).Again
	}
	f.group.debugf("%s %s: %s after %d tries: %s", f.client.Host(), f.client.path(f.req.Item), f.err.Failure.Class, f.tries, f.err)
}

// failed describes the last attempt.
func (f *fetch) failed(ctx context.Context, turnedAway bool) retry.Attempt {
	fail, now := f.err.Failure, f.group.now()
	if f.denied == nil {
		f.refusals = 0
	} else {
		f.refusals++
	}
	if (retry.IsMissing(fail.Class) || f.err.Decision.WaitFor > 0) && f.missingSince.IsZero() {
		f.missingSince = now
	}
	a := retry.Attempt{
		Failure: fail, Stored: f.err.Stored, RetryAfter: f.after, Fresh: f.fresh,
		Tries: f.tries - f.free, Bodies: f.bodies, Took: now.Sub(f.tried), Waited: now.Sub(f.wait.PatientSince(f.missingSince)),
		AsGo: f.denied != nil && f.url.Scheme == "https" && f.refusals < believed,
		Item: f.group.config.Known(f.req.Item),
		// Behind the carrier of the checksum database go asks nobody else for a lookup.
		Position: retry.Position{Pipe: f.req.Pipe, Last: f.req.Last || f.req.Item.Kind == modproxy.Lookup, Rotates: f.rotates(fail, f.err.Decision)},
	}
	a.Exact = a.Exact || f.req.Item.Kind == modproxy.Lookup
	switch {
	case f.authorize(ctx):
		a.Cause = retry.LoggedIn
	case turnedAway:
		a.Cause = retry.TurnedAway
	}
	return a
}

func (f *fetch) rotates(fail classify.Failure, d policy.Decision) bool {
	return f.req.Rotates != nil && f.req.Rotates(fail, d)
}

// authorize asks GOAUTH about the URL of a 4xx, once; go does the same. It
// reports whether the server is to be asked with what came of it.
func (f *fetch) authorize(ctx context.Context) bool {
	if f.denied == nil || f.authorized {
		return false
	}
	f.authorized = true
	return f.group.config.Auth.Again(ctx, f.url.String(), f.denied)
}

func (f *fetch) state() retry.Upstream {
	u := f.client.state(f.err.Failure, service(f.req.Item.Kind))
	u.Down, u.TurnedAway = f.client.outage(f.req.Item).IsDown(), f.turnedAway
	return u
}

func (f *fetch) allowed() retry.Policy { return f.group.allowed(f.err, f.wait, f.tried) }

// allowed is what may be done about a failure, where the time since began is lost.
func (g *Group) allowed(e *Error, wait *limit.Wait, began time.Time) retry.Policy {
	now := g.now()
	return retry.Policy{
		Decision: e.Decision, Retry: g.config.Policy.Retry,
		Left: wait.Left(began, now), Offline: g.offline.left(e.Failure, began, now),
	}
}
