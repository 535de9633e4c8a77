package retry

import (
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/policy"
)

const (
	// busyWait is the least wait after 429 and 503: the server asks for relief. Five
	// seconds were tried; two 503 for each of three modules then cost twelve.
	busyWait = time.Second
	// cutWait is the wait after the first stream that broke while others got
	// through; it doubles with each. The service is there and says nothing of
	// too much load: 20 % of broken bodies, with the usual waits, made a download
	// of a second one of twenty.
	cutWait = 20 * time.Millisecond

	// Jitter spreads the retries of many clients that failed at one moment.
	Jitter = 0.2
)

// probeWaits are the waits before an upstream that is down is asked whether it is
// back: soon after a restart, and then often enough that nobody waits much longer than
// the outage.
var probeWaits = []time.Duration{200 * time.Millisecond, time.Second, 2 * time.Second}

func wait(a Attempt, u Upstream, p Policy, waits []time.Duration, rand func() float64) time.Duration {
	if a.Pipe {
		return quickWait
	}
	wait := Nth(waits, a.Tries)
	switch {
	case hasOther(a, p):
		wait = min(wait, quickPatience)
	case limit.Relief(a.Failure.Status):
		wait = max(wait, busyWait)
	}
	if u.Serving && p.Decision.Retry == nil && cut(a.Failure) {
		wait = min(wait, cutWait<<min(a.Tries-1, 10))
	}
	return max(jittered(wait, rand), a.RetryAfter)
}

// jittered spreads a wait.
func jittered(wait time.Duration, rand func() float64) time.Duration {
	return time.Duration(float64(wait) * (1 - Jitter + 2*Jitter*rand()))
}

// cut reports whether a stream broke, and nobody said why.
func cut(f classify.Failure) bool {
	switch f.Class {
	case classify.Truncated, classify.HTTP2, classify.Reset:
		return f.Status == 0
	}
	return false
}

// Nth is the wait after the n-th try; the last one repeats.
func Nth(waits []time.Duration, n int) time.Duration {
	if len(waits) == 0 {
		return 0
	}
	return waits[min(n, len(waits))-1]
}

// total is how long the attempts of one file take, their waits alone.
func total(r policy.Retry) (all time.Duration) {
	for n := 1; n < r.Attempts; n++ {
		all += Nth(r.Waits, n)
	}
	return all
}
