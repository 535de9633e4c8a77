package relay

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
	"github.com/hashicorp/go-retryablehttp"
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

	// Of all attempts.
	began        time.Time // the first one
	tries        int
	bodies       int                // those whose body broke off
	stalledAt    int64              // the byte that the last one paused before for too long, from 1; 0: none did
	stalls       int                // how often in the same place as before
	failures     []classify.Failure // that another attempt followed, or that were found later: see doubted
	trouble      string             // the last of them, in go's words
	missingSince time.Time          // since when a version is said to be missing, or a rule's wait-for counts; zero: it is not
	authorized   bool               // GOAUTH was asked about this URL
	misclocked   bool               // a Retry-After was passed over; see sane
	beyond       bool               // only the repository's policy asks again; see withinBound
	away         int                // how often it was turned away; see turnedAway
	refusals     int                // 4xx in a row, the last attempt's included; see believed
	repeats      int                // how often it was asked once more for that

	// Of the current attempt, or the last one.
	tried    time.Time
	try      try            // for the journal
	ticket   ticket         // for the crowd of the upstream
	inside   bool           // it has not left the crowd yet
	granted  bool           // it is a retry that the upstream's allowance waits for
	handled  bool           // its answer was read
	answer   *answer        // what it ended in
	denied   *http.Response // a 4xx
	after    time.Duration  // what the answer asks to wait; 0: nothing
	fresh    time.Duration  // how long caches repeat the answer; 0: unknown
	wasHedge bool           // its second start answered first
	ways     [2]way         // what its starts went by
	host     string         // that answered or failed, behind a redirect; "": the upstream

	// Of the next one.
	wait    time.Duration
	patient bool // the wait is a rule's wait-for

	body     *spool     // one for all attempts; an answer that has a body has this one
	resume   *validator // set while body holds a beginning
	resumed  bool       // the body was put together
	thorough bool       // a zip is to be verified in full
}

type questionKey struct{}

func questionOf(ctx context.Context) *question {
	q, _ := ctx.Value(questionKey{}).(*question)
	return q
}

// ask puts an item to an upstream until there is an answer or no sense in
// asking again.
func (r *Relay) ask(ctx context.Context, up *upstream, it item, at place, thorough bool) *answer {
	wanted := r.now()
	skip, leave := up.breaker.enter(ctx, at.pipe && !r.said.patiently.Load())
	if skip != nil {
		r.noteHurry(at, it, skip)
		r.debugf("%s %s: not asked again, %s", up.host, it.path, skip.failed.Class)
		return skip.about(it, up)
	}
	up.heard.add(it.mod.Path)
	q := &question{r: r, up: up, it: it, place: at, url: join(up.base, it), thorough: thorough, try: try{wanted: wanted}}
	q.ways[1].first = &q.ways[0]
	q.doubted()
	q.run(ctx)
	leave(q.answer)
	q.settle()
	return q.answer
}

func (q *question) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithValue(ctx, questionKey{}, q))
	defer cancel()
	req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, q.url.String(), nil)
	if err != nil {
		q.fail(classify.Failure{Class: classify.Configuration}, err.Error())
		return
	}
	req.SetResponseHandler(q.receive)
	q.began = q.r.now()
	if q.prepare(req.Request) == nil {
		// What Do returns is what the last attempt left in q.
		if res, err := q.up.client.Do(req); err == nil && res != nil {
			res.Body.Close()
		}
	}
	q.endTry()
	if ctx.Err() != nil && (q.answer == nil || !q.answer.good()) {
		q.fail(classify.Failure{Class: classify.NotFetch}, ctx.Err().Error())
		q.answer.cancelled = true
		q.r.noteGivenUp(q)
	}
	q.answer.tries, q.answer.took = q.tries, q.r.now().Sub(q.began)
	if !q.answer.good() && q.answer.bad == nil {
		q.body.close() // else it is the answer's, and given back with that
	}
}

// prepare makes the request of the next attempt, when there is room for it.
func (q *question) prepare(req *http.Request) (err error) {
	if q.it.exact() { // go asks its queries, and the checksum database, side by side without a bound
		if q.ticket, err = q.up.crowd.enter(req.Context()); err != nil {
			return err
		}
		q.inside = true
	}
	q.tried = q.r.now()
	q.tries++
	q.handled = false
	q.wasHedge, q.denied, q.after, q.host = false, nil, 0, ""
	q.ways[0].set("", "", false)
	q.ways[1].set("", "", false)
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

// checkRetry is go-retryablehttp's hook. It is called after the header, and
// again after the body was read.
func checkRetry(ctx context.Context, res *http.Response, err error) (bool, error) {
	q := questionOf(ctx)
	if err == nil && res != nil && !q.handled {
		q.try.header = q.r.now()
		if q.inside && !turnsAway(res.StatusCode) {
			q.up.crowd.answered(q.ticket)
		}
		return false, nil // on to the body
	}
	if !q.handled {
		q.broken(err)
	}
	return q.decide(ctx), nil
}

// prepareRetry waits, by our clock and for as long as decide said, and makes
// the request anew.
func prepareRetry(req *http.Request) error {
	q := questionOf(req.Context())
	if q.wait > 0 {
		q.tell()
		over := q.r.display.sleeping(q)
		err := q.r.config.Clock.Sleep(req.Context(), q.wait)
		over()
		if err != nil {
			return err
		}
	}
	return q.prepare(req)
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
		q.after = min(in+clockStep, longestAsk)
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

func (q *question) failWith(f classify.Failure, a *answer) {
	f.Module, f.Version, f.Host = q.it.mod.Path, q.it.mod.Version, cmp.Or(q.host, q.up.host)
	a.failed, a.from = &f, q.up
	q.answer = a
}

// decide looks at the last attempt and says whether there is another one.
func (q *question) decide(ctx context.Context) bool {
	q.endTry()
	q.noteTry(ctx)
	q.noteWay()
	if ctx.Err() != nil || q.answer.good() {
		return false
	}
	q.countRefusal()
	f := *q.answer.failed
	if q.authorize(ctx) || !f.Transient && q.asksOnceMore() || q.turnedAway() {
		return true
	}
	s := q.situation(f)
	v := s.next(q.r.config.Rand)
	if !v.again || !q.withinBound(s, v) || !q.admit(ctx, f, &v) {
		if q.asksOnceMore() {
			return true
		}
		q.up.noteLack(s)
		q.answer.limited = v.again
		q.r.noteHurry(q.place, q.it, q.answer)
		q.answer.hurried = !v.again && s.alone().next(q.r.config.Rand).again
		q.r.debugf("%s %s: %s after %d tries: %s", q.up.host, q.it.path, f.Class, q.tries, q.evidence())
		return false
	}
	q.r.debugf("%s %s: %s, again in %s: %s", q.up.host, q.it.path, f.Class, v.wait, q.evidence())
	q.failures, q.trouble = append(q.failures, f), q.evidence()
	q.wait, q.patient = v.wait, v.patient
	if v.patient {
		q.r.budget.bePatient(q.r.now())
	}
	return true
}

// authorize asks GOAUTH about the URL of a 4xx, once; go does the same. It
// reports whether the server is to be asked with what came of it.
func (q *question) authorize(ctx context.Context) bool {
	if q.denied == nil || q.authorized {
		return false
	}
	q.authorized, q.wait = true, 0
	return q.r.auth.Again(ctx, q.url.String(), q.denied)
}

func (q *question) situation(f classify.Failure) situation {
	r := q.r
	now := r.now()
	decision := r.decide(q.it, f)
	if (isMissing(f.Class) || decision.WaitFor > 0) && q.missingSince.IsZero() {
		q.missingSince = now
	}
	return situation{
		failure: f, stored: q.answer.isStored(), retryAfter: q.after, fresh: q.fresh,
		tries: q.tries - q.away - q.repeats, bodies: q.bodies, took: now.Sub(q.tried), waited: now.Sub(r.budget.patientSince(q.missingSince)),
		decision: decision, retry: r.config.Policy.Retry, rotates: q.mayLeave(f),
		place: q.place, standing: q.up.standing(now), subject: r.subject(q.it),
	}
}

func (r *Relay) subject(it item) subject {
	return subject{
		exact: it.exact() || it.kind == kindLookup, known: r.config.Sums.Names(it.mod),
		probe: !r.knows(it), shadowed: r.modules.knowShorter(it.mod.Path),
	}
}

// mayLeave reports whether another upstream may be asked after a failure of this
// one.
func (q *question) mayLeave(f classify.Failure) bool {
	return q.place.from != nil && q.r.mayRotate(q.place.from, q.it, f)
}

// admit asks the limits that all questions share, and may shorten the wait.
func (q *question) admit(ctx context.Context, f classify.Failure, v *verdict) bool {
	if v.patient {
		return true
	}
	now := q.r.now()
	wait, ok := q.r.offline.cap(f, q.tried, now, v.wait)
	if !ok || !q.mayRetry(ctx) {
		return false
	}
	// What was waited for others counts.
	v.wait = max(0, wait-q.r.now().Sub(now))
	return q.r.budget.spend(q.tried, q.r.now().Add(v.wait))
}

// mayRetry takes one retry. Where go has somebody else to ask, it is not waited
// for.
func (q *question) mayRetry(ctx context.Context) bool {
	if q.place.pipe {
		return q.up.retries.take()
	}
	q.granted = q.up.retries.await(ctx)
	return q.granted
}

// endTry leaves the crowd, and ends what mayRetry took.
func (q *question) endTry() {
	if q.inside {
		q.inside = false
		q.up.crowd.leave()
	}
	if q.granted {
		q.granted = false
		q.up.retries.end()
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
func (r *Relay) noteHurry(at place, it item, a *answer) {
	if at.pipe && a.failed.Class == classify.Timeout && r.decide(it, *a.failed).Has(policy.ActRetry) {
		r.hurried.Store(true)
	}
}

// mayHedge reports whether a request may be started once more: that is load
// like a retry.
func (q *question) mayHedge() bool {
	if !q.up.retries.take() {
		return false
	}
	q.try.second = q.r.now()
	return true
}

// hedged notes that the second start answered first.
func (q *question) hedged() { q.wasHedge = true }
