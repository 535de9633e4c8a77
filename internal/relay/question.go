package relay

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/policy"
)

// A place is where a question stands in the GOPROXY list.
type place struct {
	pipe bool // "|" follows
	last bool // nothing follows that go would ask

	from *endpoint // whose failures may be met by rotation; nil where they may not
}

// A question is one item asked of one upstream, with all its attempts. It is
// used by one goroutine.
type question struct {
	r     *Relay
	up    *upstream
	it    item
	place place
	url   *url.URL

	history
	attempt
	next retry.Verdict // about the next attempt

	body     *spool     // one for all attempts; an answer that has a body has this one
	resume   *validator // set while body holds a beginning
	resumed  bool       // the body was put together
	thorough bool       // a zip is to be verified in full
}

// A history is what a question remembers of all its attempts.
type history struct {
	began        time.Time // the first one
	tries        int
	free         int                // of them, those that do not count
	crowded      int                // how often it was turned away as one of a crowd
	bodies       int                // those whose body broke off, or whose connection did that served others
	stalledAt    int64              // the byte that the last one paused before for too long, from 1; 0: none did
	stalls       int                // how often in the same place as before
	failures     []classify.Failure // that another attempt followed, or that were found later: see doubted
	trouble      string             // the last of them, in go's words
	paused       time.Duration      // before further tries
	missingSince time.Time          // since when a version is said to be missing, or a rule's wait-for counts; zero: it is not
	authorized   bool               // GOAUTH was asked about this URL
	misclocked   bool               // a Retry-After was passed over; see sane
	beyond       bool               // only the repository's policy asks again; see withinBound
	refusals     int                // 4xx in a row, the last attempt's included; see believed
}

// An attempt is the current one, or the last one.
type attempt struct {
	tried    time.Time
	try      try            // for the journal
	handled  bool           // its answer was read
	answer   *answer        // what it ended in
	denied   *http.Response // a 4xx
	after    time.Duration  // what the answer asks to wait; 0: nothing
	fresh    time.Duration  // how long caches repeat the answer; 0: unknown
	wasHedge bool           // its second start answered first
	ways     [2]*way        // what its starts went by
	host     string         // that answered or failed, behind a redirect; "": the upstream
	permits
}

// ask puts an item to an upstream until there is an answer or no sense in
// asking again.
func (r *Relay) ask(ctx context.Context, up *upstream, it item, at place, thorough bool) *answer {
	wanted := r.now()
	skip, leave := up.breaker.enter(ctx, at.pipe && !r.said.patiently.Load())
	if skip != nil {
		r.noteHurry(at, skip)
		r.debugf("%s %s: not asked again, %s", up.host, it.path, skip.failed.Class)
		return skip.about(it, up)
	}
	up.heard.add(it.mod.Path)
	q := &question{r: r, up: up, it: it, place: at, url: join(up.base, it), thorough: thorough}
	q.try.wanted = wanted
	q.ways = newWays()
	q.doubted()
	q.run(ctx)
	leave(q.answer)
	q.settle()
	return q.answer
}

func (q *question) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q.began = q.r.now()
	q.fetch(ctx)
	q.release(limit.Result{})
	if ctx.Err() != nil && (q.answer == nil || !q.answer.good()) {
		q.fail(classify.Failure{Class: classify.NotFetch}, ctx.Err().Error())
		q.answer.cancelled = true
		q.r.noteGivenUp(q)
	}
	q.answer.tries, q.answer.ended = q.tries, q.r.now()
	q.answer.took, q.answer.paused = q.answer.ended.Sub(q.began), q.paused
	if !q.answer.good() && q.answer.bad == nil {
		q.body.close() // else it is the answer's, and given back with that
	}
}

// prepare makes the request of the next attempt, when it may be made.
func (q *question) prepare(req *http.Request) error {
	if err := q.enter(req.Context()); err != nil {
		return q.refused(req.Context(), err)
	}
	q.tried = q.r.now()
	q.tries++
	q.handled = false
	q.wasHedge, q.denied, q.after, q.host = false, nil, 0, ""
	q.ways = newWays()
	q.nextTry()
	q.up.lines.main() // made before a race may want it
	req.Header = make(http.Header)
	if q.resume != nil {
		q.resume.ask(req.Header, q.body.size)
	}
	if q.wrong() != nil {
		req.Header.Set("Cache-Control", "no-cache") // the damage may be a cache's
	}
	q.r.auth.Add(req.Context(), req)
	return nil
}

// broken notes an attempt that did not get as far as an answer.
func (q *question) broken(err error) {
	f := classify.Err(err)
	switch f.Class {
	case "", classify.NotFetch:
		// The network said something that the table does not know.
		f.Class, f.Transient = classify.Reset, true
	case classify.BadContent:
		f.Transient = true // redirects in a circle: a portal's, or an outage's
	}
	if in, ok := classify.ValidSoon(err); ok {
		q.after = min(in+clockStep, retry.LongestAsk)
	}
	if f.Class == classify.HTTP2 && q.up.conduct.serving(q.r.now()) {
		q.bodies++ // a shared connection breaks for all that it carries, and says nothing of this file
	}
	a := &answer{text: err.Error()}
	var at *url.Error
	if errors.As(err, &at) {
		a.cause = at.Err
		if last, err := url.Parse(at.URL); err == nil {
			q.host = q.hop(last)
		}
	}
	q.failWith(f, a)
}

// fail notes a failure below HTTP. text is what go would say.
func (q *question) fail(f classify.Failure, text string) {
	q.failWith(f, &answer{text: text})
}

// failWith notes a failure, and what the policy says about it.
func (q *question) failWith(f classify.Failure, a *answer) {
	f.Module, f.Version, f.Host = q.it.mod.Path, q.it.mod.Version, cmp.Or(q.host, q.up.host)
	a.failed, a.from, a.decision = &f, q.up, q.r.decide(q.it, f)
	q.answer = a
}

// decide looks at the last attempt and says whether there is another one.
func (q *question) decide(ctx context.Context) bool {
	crowded := q.release(q.result(ctx))
	q.noteTry(ctx)
	q.noteWay()
	if ctx.Err() != nil || q.answer.good() {
		return false
	}
	q.countRefusal()
	f := q.answer.failed
	a, u, p := q.failed(ctx, crowded), q.state(), q.allowed()
	q.next = retry.Next(a, u, p, q.r.config.Rand)
	if q.next.Again && !q.r.withinBound(a, u, p, q.next, &q.beyond) {
		q.next = retry.Verdict{Limited: true}
	}
	if q.next.Again && !q.next.Free && !q.next.Patient && !q.r.wait.Spend(q.tried, q.r.now().Add(q.next.Wait)) {
		q.next = retry.Verdict{Limited: true}
	}
	if !q.next.Again {
		q.giveUp(a, u, p)
		return false
	}
	q.r.debugf("%s %s: %s, again in %s: %s", q.up.host, q.it.path, f.Class, q.next.Wait, q.evidence())
	if !q.next.AsGo {
		q.failures, q.trouble = append(q.failures, *f), q.evidence()
	}
	if q.next.Free {
		q.free++
	}
	if q.next.Free && crowded {
		q.crowded++
	}
	if q.next.Patient {
		q.r.wait.BePatient(q.r.now())
	}
	return true
}

// giveUp notes that there is no further attempt.
func (q *question) giveUp(a retry.Attempt, u retry.Upstream, p retry.Policy) {
	if retry.AskedOut(a) {
		q.up.conduct.lack()
	}
	if q.next.Limited {
		q.r.offline.giveUp(*q.answer.failed, q.r.now())
	}
	q.answer.limited = q.next.Limited
	q.r.noteHurry(q.place, q.answer)
	if a.Rotates {
		a.Rotates = false
		q.answer.hurried = retry.Next(a, u, p, q.r.config.Rand).Again
	}
	q.r.debugf("%s %s: %s after %d tries: %s", q.up.host, q.it.path, q.answer.failed.Class, q.tries, q.evidence())
}

// failed describes the last attempt.
func (q *question) failed(ctx context.Context, crowded bool) retry.Attempt {
	r, f := q.r, *q.answer.failed
	now := r.now()
	if (retry.IsMissing(f.Class) || q.answer.decision.WaitFor > 0) && q.missingSince.IsZero() {
		q.missingSince = now
	}
	a := retry.Attempt{
		Failure: f, Stored: q.answer.isStored(), RetryAfter: q.after, Fresh: q.fresh,
		Tries: q.tries - q.free, Bodies: q.bodies, Took: now.Sub(q.tried), Waited: now.Sub(r.wait.PatientSince(q.missingSince)),
		AsGo:  q.asGo(),
		Item:  r.known(q.it),
		Place: retry.Place{Pipe: q.place.pipe, Last: q.place.lastFor(q.it), Rotates: q.place.from != nil && r.mayRotate(q.place.from, q.it, q.answer)},
	}
	switch {
	case q.authorize(ctx):
		a.Cause = retry.LoggedIn
	case crowded:
		a.Cause = retry.Crowded
	}
	return a
}

// lastFor reports whether go asks nobody else for an item: behind the carrier of the
// checksum database that holds for each lookup, whatever stands in the list.
func (p place) lastFor(it item) bool { return p.last || it.kind == kindLookup }

// authorize asks GOAUTH about the URL of a 4xx, once; go does the same. It
// reports whether the server is to be asked with what came of it.
func (q *question) authorize(ctx context.Context) bool {
	if q.denied == nil || q.authorized {
		return false
	}
	q.authorized = true
	return q.r.auth.Again(ctx, q.url.String(), q.denied)
}

func (q *question) state() retry.Upstream {
	u := q.up.state(q.r.now(), *q.answer.failed)
	u.Down, u.Busy = q.up.outage(q.it).IsDown(), q.crowded
	return u
}

func (q *question) allowed() retry.Policy {
	return q.r.allowed(q.answer, q.tried)
}

// allowed is what may be done about a failure, where the time since began is lost.
func (r *Relay) allowed(a *answer, began time.Time) retry.Policy {
	now := r.now()
	return retry.Policy{
		Decision: a.decision, Retry: r.config.Policy.Retry,
		Left: r.wait.Left(began, now), Offline: r.offline.left(*a.failed, began, now),
	}
}

func (r *Relay) known(it item) retry.Item {
	return retry.Item{
		Exact: it.exact() || it.kind == kindLookup, Known: r.config.Sums.Names(it.mod),
		Guess: !r.knows(it), Shadowed: r.modules.knowShorter(it.mod.Path),
	}
}

// evidence is the last failure in one line.
func (q *question) evidence() string {
	switch a := q.answer; {
	case a.text != "":
		return a.text
	case a.bad != nil:
		return a.bad.text
	default:
		return a.reason
	}
}

// noteHurry notes that go is told of a timeout which, but for what it can ask
// instead, might have become an answer.
func (r *Relay) noteHurry(at place, a *answer) {
	if at.pipe && a.failed.Class == classify.Timeout && a.decision.Has(policy.ActRetry) {
		r.hurried.Store(true)
	}
}
