package retry

import (
	"net/http"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// missingWaits are the waits before a known version that is said to be missing
// is asked for again.
var missingWaits = []time.Duration{time.Second, 4 * time.Second}

// freshWaits are the same for a release that the checksum database has not seen yet: it
// fetches the module itself when it is asked.
var freshWaits = []time.Duration{time.Second, 4 * time.Second, 15 * time.Second}

// patientWaits are the same where a rule says how long to wait for a version.
var patientWaits = []time.Duration{time.Second, 4 * time.Second, 10 * time.Second, 15 * time.Second}

// IsMissing reports whether a failure says that there is no such thing.
func IsMissing(c classify.Class) bool {
	return c == classify.NotFound || c == classify.Gone || c == classify.SumDBMissing
}

// AskedOut reports whether a known version that is said to be missing was asked for
// with all the patience that there is for that.
func AskedOut(a Attempt) bool {
	return IsMissing(a.Failure.Class) && a.Known && a.Tries > len(missingWaits)
}

// nextMissing is for 404 and 410. A version that go.sum names has existed; a
// text that tells of the service's own trouble is no answer either. Whoever
// wants more patience says so in a rule.
func nextMissing(a Attempt, u Upstream, p Policy) Verdict {
	if !a.Exact {
		return Verdict{}
	}
	if p.Decision.WaitFor > 0 && worthPatience(a, p) {
		return patience(a, p)
	}
	trusted := a.Known || a.Failure.Transient || !p.Decision.KnownOnly && !a.Guess
	waits, last := missingWaits, a.Last
	if a.Failure.Class == classify.SumDBMissing {
		last = true // go asks nobody else about what a carrier has answered
		if a.Failure.Transient {
			waits = freshWaits
		}
	}
	if !trusted || !last || u.Empty || a.Tries > len(waits) || oddity(a.Failure) {
		return Verdict{}
	}
	return within(p, a.Failure, Verdict{Again: true, Wait: Nth(waits, a.Tries)})
}

// worthPatience reports whether a rule's wait-for is meant for this path. Go
// guesses at module paths ("m/sub", "m" for a package m/sub): a guess is waited
// for only by a rule that names modules, and only until another guess is right.
func worthPatience(a Attempt, p Policy) bool {
	return !a.Guess || p.Decision.NamesModules && !a.Shadowed
}

// patience asks until the rule's time is over, but not while a cache would
// only repeat what it said.
func patience(a Attempt, p Policy) Verdict {
	wait, again := Patience(p.Decision.WaitFor, a.Waited, a.Tries, max(a.Fresh, a.RetryAfter))
	return Verdict{Again: again, Wait: wait, Patient: again}
}

// Patience returns the wait before the n-th further try under a rule's wait-for, and
// whether any of that is left, when so much of it has passed.
func Patience(waitFor, passed time.Duration, n int, atLeast time.Duration) (wait time.Duration, again bool) {
	if passed >= waitFor {
		return 0, false
	}
	return min(max(Nth(patientWaits, n), atLeast), waitFor-passed), true
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
