package relay

import (
	"net/http"
	"time"

	"github.com/gosteady/gosteady/classify"
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

	// probeTries is for paths that neither go.mod nor go.sum names: go asks for
	// every prefix of an import path, and most do not exist.
	probeTries = 2
	// openTries is for an upstream whose breaker is open.
	openTries = 2
	// mismatchTries is for content that contradicts go.sum: damage on the way
	// is gone at the next try, and a moved tag is there for ever.
	mismatchTries = 3

	// behindTries is for the refusal of a host that an upstream leads to: a new
	// signature helps, or other addresses, or nothing.
	behindTries = 3

	// busyWait is the least wait after 429 and 503: the server asks for relief.
	busyWait = 5 * time.Second
	// blipWait is the same after a 503 of an upstream that serves all else: one
	// of its machines is away, not the service.
	blipWait = time.Second
	// cutWait is the wait after the first stream that broke while others got
	// through; it doubles with each. The service is there and says nothing of
	// too much load: 20 % of broken bodies, with the usual waits, made a download
	// of a second one of twenty.
	cutWait = 20 * time.Millisecond
	// longestAsk is the longest Retry-After that is waited for.
	longestAsk = time.Minute

	// jitter spreads the retries of many clients that failed at one moment.
	jitter = 0.2
)

// missingWaits are the waits before a known version that is said to be missing
// is asked for again.
var missingWaits = []time.Duration{time.Second, 4 * time.Second}

// patientWaits are the same where a rule says how long to wait for a version.
var patientWaits = []time.Duration{time.Second, 4 * time.Second, 10 * time.Second, 15 * time.Second}

// A situation is all that decides whether a question is asked again.
type situation struct {
	failure    classify.Failure
	stored     bool          // the same wrong bytes came twice
	retryAfter time.Duration // what the answer asks for; 0: nothing
	fresh      time.Duration // how long caches repeat this answer; 0: unknown

	tries  int           // made so far
	bodies int           // of them, those that broke off in the middle of a body
	took   time.Duration // the last one
	waited time.Duration // since the first answer of this kind

	decision policy.Decision
	retry    policy.Retry // the policy's
	rotates  bool         // a rule lets another upstream be asked after this failure
	place
	standing
	subject
}

// A standing is how an upstream is doing.
type standing struct {
	ailing  bool // what it was asked last ended in a failure, not long ago
	open    bool // its breaker is open
	serving bool // it has just given good answers
	empty   bool // it lacks several known versions, and has given no file yet
}

// A subject is what is known of an item.
type subject struct {
	exact    bool // one version, not a query
	known    bool // go.sum names the version
	probe    bool // neither go.mod nor go.sum names the path
	shadowed bool // a guess at a module path, and a shorter one is the module
}

// A verdict says whether to ask again, and after what wait.
type verdict struct {
	again   bool
	wait    time.Duration
	patient bool // a rule's wait-for: outside the budget
}

// next decides whether a question is asked again. It is pure.
func (s situation) next(rand func() float64) verdict {
	if !s.decision.Has(policy.ActRetry) || never(s.failure) || s.stored {
		return verdict{}
	}
	if isMissing(s.failure.Class) {
		return s.nextMissing()
	}
	if s.decision.WaitFor > 0 && s.failure.Transient && !s.rotates {
		return s.patience()
	}
	retry := s.decision.Schedule(s.retry)
	if s.tries-s.lenient(retry.Attempts) >= s.maxTries(retry.Attempts) {
		return verdict{}
	}
	if s.quick() && s.took > quickPatience || s.retryAfter > longestAsk || s.hasOther() && s.retryAfter > quickPatience {
		return verdict{}
	}
	return verdict{again: true, wait: s.wait(retry.Waits, rand)}
}

// hasOther reports whether another upstream is better than patience with this
// one. A rule with a schedule of its own asks for that patience.
func (s situation) hasOther() bool { return s.rotates && s.decision.Retry == nil }

// quick reports whether only blips are worth a retry.
func (s situation) quick() bool { return s.pipe || s.hasOther() }

// alone is the same situation without anybody else to ask.
func (s situation) alone() situation {
	s.rotates = false
	return s
}

func (s situation) maxTries(tries int) int {
	limit := func(is bool, n int) {
		if is {
			tries = min(tries, n)
		}
	}
	limit(s.pipe, quickTries)
	limit(s.hasOther(), rotateTries)
	limit(s.hasOther() && s.ailing, 1)
	limit(s.probe, probeTries)
	limit(s.open, openTries)
	limit(s.failure.Class == classify.Checksum, mismatchTries)
	limit(s.failure.Kind == classify.Behind, behindTries)
	return tries
}

// lenient is how many tries do not count: an upstream that sends bodies is
// there, however often they break. (With one body in five broken and one answer
// in ten a 503, five tries fail once in 600 files; a cold download has more.)
func (s situation) lenient(attempts int) int {
	if s.quick() || s.probe || s.open {
		return 0
	}
	return min(s.bodies, attempts)
}

func (s situation) wait(waits []time.Duration, rand func() float64) time.Duration {
	if s.pipe {
		return quickWait
	}
	wait := nth(waits, s.tries)
	switch {
	case s.hasOther():
		wait = min(wait, quickPatience)
	case s.failure.Status == http.StatusServiceUnavailable:
		if s.serving {
			wait = max(wait, blipWait)
			break
		}
		fallthrough
	case s.failure.Status == http.StatusTooManyRequests:
		wait = max(wait, busyWait)
	}
	if s.serving && s.decision.Retry == nil && cut(s.failure) {
		wait = min(wait, cutWait<<min(s.tries-1, 10))
	}
	return max(jittered(wait, rand), s.retryAfter)
}

// jittered spreads a wait.
func jittered(wait time.Duration, rand func() float64) time.Duration {
	return time.Duration(float64(wait) * (1 - jitter + 2*jitter*rand()))
}

// cut reports whether a stream broke, and nobody said why.
func cut(f classify.Failure) bool {
	switch f.Class {
	case classify.Truncated, classify.HTTP2, classify.Reset:
		return f.Status == 0
	}
	return false
}

// nth is the wait after the n-th try; the last one repeats.
func nth(waits []time.Duration, n int) time.Duration {
	if len(waits) == 0 {
		return 0
	}
	return waits[min(n, len(waits))-1]
}

// nextMissing is for 404 and 410. A version that go.sum names has existed; a
// text that tells of the service's own trouble is no answer either. Whoever
// wants more patience says so in a rule.
func (s situation) nextMissing() verdict {
	if !s.exact {
		return verdict{}
	}
	if s.decision.WaitFor > 0 && s.worthPatience() {
		return s.patience()
	}
	trusted := s.known || s.failure.Transient || !s.decision.KnownOnly && !s.probe
	if !trusted || !s.last || s.empty || s.tries > len(missingWaits) || oddity(s.failure) {
		return verdict{}
	}
	return verdict{again: true, wait: nth(missingWaits, s.tries)}
}

// worthPatience reports whether a rule's wait-for is meant for this path. Go
// guesses at module paths ("m/sub", "m" for a package m/sub): a guess is waited
// for only by a rule that names modules, and only until another guess is right.
func (s situation) worthPatience() bool {
	return !s.probe || s.decision.NamesModules && !s.shadowed
}

// patience asks until the rule's time is over, but not while a cache would
// only repeat what it said.
func (s situation) patience() verdict {
	left := s.decision.WaitFor - s.waited
	wait := max(nth(patientWaits, s.tries), s.fresh, s.retryAfter)
	if left <= 0 {
		return verdict{}
	}
	return verdict{again: true, wait: min(wait, left), patient: true}
}

func isMissing(c classify.Class) bool {
	return c == classify.NotFound || c == classify.Gone || c == classify.SumDBMissing
}

// oddity reports whether an answer is final for go like a 404, and says something
// else: that the request is wrong, and not that the file will come.
func oddity(f classify.Failure) bool {
	switch f.Status {
	case 0, http.StatusNotFound, http.StatusGone:
		return false
	}
	return !f.Transient
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
