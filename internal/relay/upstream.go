package relay

import (
	"net/url"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/policy"
)

// An upstream is one proxy, however many entries name it, or one checksum database
// at its own address. How it is doing is known in several ways: the breaker counts
// the questions in a row that came to nothing, also of earlier invocations (see
// health); the conduct is what its answers were like; the outages are whether it is
// down for everybody; and the limits are how many requests and retries it gets.
type upstream struct {
	base    *url.URL
	shown   string // base, redacted as go redacts it
	host    string // for the journal
	lines   *lines
	breaker *breaker
	conduct conduct
	heard   paths       // of the modules that it was asked for
	wrong   wrongBodies // that it has sent

	retries     *limit.Retries
	concurrency *limit.Concurrency
	outages     [2]*limit.Outage // of the files, and of the checksum database behind it
}

func (r *Relay) newUpstream(base *url.URL) *upstream {
	u := &upstream{
		base: base, shown: base.Redacted(), host: base.Host,
		retries: limit.NewRetries(), concurrency: limit.NewConcurrency(),
	}
	u.outages = [2]*limit.Outage{r.newOutage(u), r.newOutage(u)}
	// A file of a module says nothing of the database behind it: lookups find out themselves.
	u.outages[1].Check = nil
	u.lines = &lines{make: r.newTransport}
	b := r.config.Policy.Breaker
	u.breaker = &breaker{name: healthName(base), health: &r.health, failures: b.Failures, cooldown: b.Cooldown}
	r.confide(base)
	return u
}

// confide tells the journal what to keep to itself: the path of an address that
// not everyone knows. It may be a token.
func (r *Relay) confide(base *url.URL) {
	if !policy.WellKnownProxy(base) {
		r.config.Recorder.Hide(base)
	}
	for word := range strings.FieldsSeq(r.config.Settings.Get("GOSUMDB")) { // a name, and perhaps an address
		if u, err := url.Parse(word); err == nil && u.Host != "" {
			r.config.Recorder.Hide(u)
		}
	}
}

// wide reports whether it can take many requests at once.
func (u *upstream) wide() bool { return u.conduct.shares() && !u.retries.Strained() }

// slow reports whether the upstream keeps go waiting, by the way to it or by
// failing.
func (u *upstream) slow() bool {
	way, known := u.conduct.distance()
	return known && (u.retries.Touched() || way >= farEnough)
}

// outage is what an item waits for while the upstream is down.
func (u *upstream) outage(it item) *limit.Outage {
	if it.kind.SumDB() {
		return u.outages[1]
	}
	return u.outages[0]
}

// worked notes an answer that needs no retry, and whether it was a file.
func (u *upstream) worked(it item, file bool, now time.Time) {
	u.retries.Earn()
	if file {
		u.conduct.gave(it, now)
	}
}

// state is how the upstream is doing, after a failure.
func (u *upstream) state(now time.Time, f classify.Failure) retry.Upstream {
	return retry.Upstream{
		Reached: u.conduct.reached(f), Ailing: u.breaker.ailing(), Open: u.breaker.open(),
		Serving: u.conduct.serving(now), Empty: u.conduct.empty(),
	}
}
