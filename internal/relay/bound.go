package relay

import (
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

// withinBound reports whether the wait that a verdict asks for is one that the
// repository's policy may cause. What there would be without it is not counted, nor is a
// rule's wait-for.
func (q *question) withinBound(s situation, v verdict) bool {
	bound := q.r.config.Bound
	if bound == nil || v.patient {
		return true
	}
	var limits policy.Timeouts
	usual := s
	usual.decision, usual.retry, limits = bound.Without(s.failure, q.it.mod.Path, q.r.config.CI)
	now := q.r.now()
	extra := v.wait - usual.usualWait(v.wait)
	if s.failure.Class == classify.Timeout {
		extra += min(s.took, raised(q.r.config.Policy.Timeouts, limits))
	}
	if w := usual.next(middle); !w.again || s.failure.Unreachable() && q.r.offline.past(usual.retry.Offline, now) {
		extra = v.wait
		if q.beyond {
			extra += s.took
		}
		q.beyond = true
	}
	end := now.Add(v.wait)
	return bound.Spend(end.Add(-extra), end)
}

// middle is a rand that spreads nothing.
func middle() float64 { return 0.5 }

// usualWait is the wait of a situation, and no more than another one: spread as that is,
// the same schedule may seem a little shorter.
func (s situation) usualWait(most time.Duration) time.Duration {
	v := s.next(middle)
	if spread := time.Duration(float64(v.wait) * (1 + jitter)); spread >= most {
		return most
	}
	return v.wait
}

// raised is how much longer the deadlines are than without the repository's file.
func raised(is, was policy.Timeouts) time.Duration {
	return max(0, is.Connect-was.Connect, is.FirstByte-was.FirstByte, is.Stall-was.Stall)
}
