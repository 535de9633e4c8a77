package policy

import (
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
)

// mostExtra is what a repository's file can make a command wait beyond what it would
// wait without that file, all in all, a rule's wait-for apart: that is asked for by name,
// has a ceiling of its own, and is told while it lasts.
const mostExtra = time.Minute

// A Bound keeps to that in one invocation. Everything that waits shares it. A nil Bound
// is that of a command without a repository's file: it allows all.
type Bound struct {
	without *Policy // the policy without the repository's file
	wait    limit.Wait
}

func newBound(without *Policy) *Bound {
	return &Bound{without: without, wait: limit.Wait{Total: mostExtra}}
}

// Bounded returns the policy with all that a repository's file sets to wait for kept
// within the bound, and the bound of one invocation for what waits in steps. Deadlines are
// waited for before anything can be decided.
func (p *Policy) Bounded() (*Policy, *Bound) {
	if p.without == nil {
		return p, nil
	}
	bounded, without := *p, p.without
	for _, v := range []struct{ value, without *time.Duration }{
		{&bounded.Retry.Budget, &without.Retry.Budget},
		{&bounded.Retry.Offline, &without.Retry.Offline},
		{&bounded.Timeouts.Connect, &without.Timeouts.Connect},
		{&bounded.Timeouts.FirstByte, &without.Timeouts.FirstByte},
		{&bounded.Timeouts.Stall, &without.Timeouts.Stall},
	} {
		*v.value = min(*v.value, *v.without+mostExtra)
	}
	return &bounded, newBound(without)
}

// Without is what would be decided without the repository's file.
func (b *Bound) Without(f classify.Failure, modPath string, ci bool) (Decision, Retry, Timeouts) {
	return b.without.Decide(f, modPath, ci), b.without.Retry, b.without.Timeouts
}

// Spend accounts for a wait from begin to end that there would not be without the
// repository's file. It reports whether that is still allowed; what is not is not
// accounted for.
func (b *Bound) Spend(begin, end time.Time) bool {
	return b == nil || !end.After(begin) || b.wait.Spend(begin, end)
}
