package retry

import (
	"net/http"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/policy"
)

const (
	// quickTries and quickWait apply where "|" follows: one more try for a
	// blip, then go takes the next proxy.
	quickTries = 2
	quickWait  = 300 * time.Millisecond
	// rotateTries is for an upstream that a rule lets be left for another one:
	// two blips of the usual waits are outlived, an outage is not waited for.
	rotateTries = 3
	// quickPatience: a try that took longer than this was no blip.
	quickPatience = 2 * time.Second

	// guessTries is for paths that neither go.mod nor go.sum names: go asks for
	// every prefix of an import path, and most do not exist.
	guessTries = 2
	// openTries is for an upstream whose breaker is open.
	openTries = 2
	// mismatchTries is for content that contradicts go.sum: damage on the way
	// is gone at the next try, and a moved tag is there for ever.
	mismatchTries = 3
	// downgradeTries is for a redirect that the server itself has sent: it will again.
	downgradeTries = 2
	// BehindTries is for the refusal of a host that an upstream leads to: a new
	// signature helps, or other addresses, or nothing.
	BehindTries = 3

	// awayTries is how often one request may be turned away for the number of
	// those beside it, before that is a failure like any other.
	awayTries = 4
	// awayRelief is the same for 429 and 503: it may be for the rate of requests, and
	// not their number at a time, and then waiting is what helps.
	awayRelief = 2

	// LastTry is the shortest rest of the time without a network worth one more try.
	LastTry = 500 * time.Millisecond
	// LongestAsk is the longest Retry-After that is waited for.
	LongestAsk = time.Minute
)

// Next decides whether a request that failed is made again. rand spreads the waits.
//
// Where go itself would ask once more, no policy and no limit has a say: so do we, at
// once. Where waiting may help, as after a 429, that comes last: it is for what would
// not be asked again.
func Next(a Attempt, u Upstream, p Policy, rand func() float64) Verdict {
	switch {
	case a.Cause == LoggedIn:
		return Verdict{Again: true, AsGo: true}
	case a.AsGo && !a.Failure.Transient:
		return Verdict{Again: true, AsGo: true, Free: true}
	}
	v := next(a, u, p, rand)
	if !v.Again && a.AsGo {
		return Verdict{Again: true, AsGo: true, Free: true}
	}
	return v
}

func next(a Attempt, u Upstream, p Policy, rand func() float64) Verdict {
	switch {
	case !p.Decision.Has(policy.ActRetry) || never(a.Failure) || a.Stored:
		return Verdict{}
	case IsMissing(a.Failure.Class):
		return nextMissing(a, u, p)
	case a.Cause != Probe && p.Decision.WaitFor > 0 && a.Failure.Transient && !a.Rotates:
		return patience(a, p)
	case a.Cause == Probe:
		return within(p, a.Failure, nextProbe(a, u, p, rand))
	case a.Cause == TurnedAway && turnedAway(a, u, p):
		return Verdict{Again: true, Wait: jittered(cutWait<<u.TurnedAway, rand), Free: true}
	case u.Down && p.schedule().Attempts > 1 && !quick(a, p) && Waits(p.Decision):
		return Verdict{Again: true, Free: true} // once a probe says that it is back
	}
	return within(p, a.Failure, nextTry(a, u, p, rand))
}

// nextTry is for a failure of one file: it gets its attempts.
func nextTry(a Attempt, u Upstream, p Policy, rand func() float64) Verdict {
	retry := p.schedule()
	if a.Tries-lenient(a, u, p) >= maxTries(a, u, p) {
		return Verdict{}
	}
	if quick(a, p) && a.Took > quickPatience || a.RetryAfter > LongestAsk || hasOther(a, p) && a.RetryAfter > quickPatience {
		return Verdict{}
	}
	return Verdict{Again: true, Wait: wait(a, u, p, retry.Waits, rand)}
}

// turnedAway reports whether a request that was turned away for the number of those
// beside it is made again at once, as one of fewer: go alone would have been served. A
// server that says how long to wait is obeyed, and a policy that says not to ask again.
func turnedAway(a Attempt, u Upstream, p Policy) bool {
	tries := awayTries
	if limit.Relief(a.Failure.Status) {
		tries = awayRelief
	}
	return a.Exact && a.RetryAfter == 0 && u.TurnedAway < tries && !a.Pipe && p.schedule().Attempts > 1
}

// nextProbe is for an upstream that is down: when it is asked again, and for how long.
// One that was there in this command is restarting, or overloaded, and is waited for
// as long as the wait budget lasts. Of one that never was it is not known that it
// exists: it gets the time that the attempts of one file would take, all files together.
func nextProbe(a Attempt, u Upstream, p Policy, rand func() float64) Verdict {
	retry := p.schedule()
	if a.RetryAfter > LongestAsk || retry.Attempts <= 1 || u.Open && a.Tries >= openTries {
		return Verdict{}
	}
	if !Waits(p.Decision) {
		return Verdict{} // each request waits by itself
	}
	pause := min(Nth(retry.Waits, a.Tries), Nth(probeWaits, a.Tries))
	if left := mostUnreached(a, p) - a.Waited; !u.Reached && pause > left {
		if !a.Failure.Unreachable() || left < LastTry {
			return Verdict{}
		}
		pause = left
	}
	if limit.Relief(a.Failure.Status) {
		pause = max(pause, busyWait)
	}
	return Verdict{Again: true, Wait: max(jittered(pause, rand), a.RetryAfter)}
}

// mostUnreached is how long an upstream is waited for that was never there in this
// command. One that says when to come back is there.
func mostUnreached(a Attempt, p Policy) time.Duration {
	most := total(p.schedule())
	switch {
	case a.Failure.Unreachable() && p.Offline == Online: // others have answered, so it is not the network
		return min(most, p.Retry.Offline)
	case limit.Relief(a.Failure.Status) && a.RetryAfter > 0:
		return max(most, LongestAsk)
	}
	return most
}

// within holds a verdict against the limits of the invocation.
func within(p Policy, f classify.Failure, v Verdict) Verdict {
	if !v.Again {
		return v
	}
	if f.Unreachable() && p.Offline != Online {
		if p.Offline < LastTry {
			return Verdict{Limited: true}
		}
		v.Wait = min(v.Wait, p.Offline)
	}
	if v.Wait > p.Left {
		return Verdict{Limited: true}
	}
	return v
}

func maxTries(a Attempt, u Upstream, p Policy) int {
	tries := p.schedule().Attempts
	limit := func(is bool, n int) {
		if is {
			tries = min(tries, n)
		}
	}
	limit(a.Pipe, quickTries)
	limit(hasOther(a, p), rotateTries)
	limit(hasOther(a, p) && u.Failing, 1)
	limit(a.Guess, guessTries)
	limit(u.Open, openTries)
	limit(a.Failure.Class == classify.Checksum, mismatchTries)
	limit(a.Failure.Kind == classify.Behind, BehindTries)
	limit(a.Failure.Kind == classify.Downgrade, downgradeTries)
	return tries
}

// lenient is how many tries do not count: an upstream that sends bodies is
// there, however often they break. (With one body in five broken and one answer
// in ten a 503, five tries fail once in 600 files; a cold download has more.)
func lenient(a Attempt, u Upstream, p Policy) int {
	if quick(a, p) || a.Guess || u.Open {
		return 0
	}
	return min(a.Bodies, p.schedule().Attempts)
}

// never are the failures that no rule can make a retry of: the answer would be
// the same, and some locks count. What was seen to pass is none of them, whatever
// its class: an HTTP proxy that cannot reach the host, a storage host's refusal.
func never(f classify.Failure) bool {
	if f.Transient {
		return false
	}
	switch f.Class {
	case classify.Unauthorized, classify.Forbidden, classify.TLSVerify, classify.HTTPProxy:
		return true
	}
	switch f.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired,
		http.StatusUnavailableForLegalReasons, http.StatusNotImplemented,
		http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
		return true
	}
	return false
}
