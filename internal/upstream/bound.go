package upstream

import (
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/policy"
)

// withinBound reports whether the wait that a verdict asks for is one that the
// repository's policy may cause. What there would be without it is not counted, nor is a
// rule's wait-for. beyond remembers that only the repository's policy asks again.
func (g *Group) withinBound(a retry.Attempt, u retry.Upstream, p retry.Policy, v retry.Verdict, beyond *bool) bool {
	bound := g.config.Bound
	if bound == nil || v.Patient || v.AsGo {
		return true
	}
	usual, f := p, a.Failure
	var limits policy.Timeouts
	usual.Decision, usual.Retry, limits = bound.Without(f, f.Module, g.config.CI)
	usual.Left -= max(0, g.config.Policy.Retry.Budget-usual.Retry.Budget)
	now := g.now()
	w := retry.Next(a, u, usual, middle)
	extra := v.Wait - usualWait(w, v.Wait)
	if f.Class == classify.Timeout {
		extra += min(a.Took, raised(g.config.Policy.Timeouts, limits))
	}
	if !w.Again || f.Unreachable() && g.offline.past(usual.Retry.Offline, now) {
		extra = v.Wait
		if *beyond {
			extra += a.Took
		}
		*beyond = true
	}
	end := now.Add(v.Wait)
	return bound.Spend(end.Add(-extra), end)
}

// middle is a rand that spreads nothing.
func middle() float64 { return 0.5 }

// usualWait is a wait, and no more than another one: spread as that is, the same schedule
// may seem a little shorter.
func usualWait(v retry.Verdict, most time.Duration) time.Duration {
	if spread := time.Duration(float64(v.Wait) * (1 + retry.Jitter)); spread >= most {
		return most
	}
	return v.Wait
}

// raised is how much longer the deadlines are than without the repository's file.
func raised(is, was policy.Timeouts) time.Duration {
	return max(0, is.Connect-was.Connect, is.FirstByte-was.FirstByte, is.Stall-was.Stall)
}
