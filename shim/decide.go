package shim

import (
	"slices"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/retry"
	"github.com/gosteady/gosteady/policy"
)

// An action is what is done after a run that failed, before the next one.
type action int

const (
	actNone       action = iota // nothing: the failure is the user's
	actWait                     // wait, then run again
	actRepair                   // verify what the failure points at, replace what is proven bad, run again
	actRecheck                  // run again with a relay that verifies every zip in full
	actTake                     // run again, since what was lacking has come meanwhile
	actWaitLonger               // run again with a relay that waits longer for those whom "|" follows
	actCarry                    // run again with a proxy that has the checksum database, though it denies that
	actDirect                   // run again with "direct" appended to GOPROXY
	actVendor                   // run again with -mod=vendor
	actPurgeAll                 // go clean -modcache, run again
)

var actionNames = [...]string{"none", "rerun", "replace", "recheck", "rerun", "patience", "carrier", "direct", "vendor", "purge-all"}

func (a action) String() string { return actionNames[a] }

// maxRepairs bounds the runs that follow a repair: a second repair that does not help
// will not be followed by a third that does. Waiting follows the policy's number of
// attempts; git fails several times in a row, and a run that fetched nothing leaves
// nothing behind. Everything else is done once.
const maxRepairs = 2

// evidence is what is known after a run that failed.
type evidence struct {
	met         []finding         // most decisive first
	suspects    modcache.Suspects // what of the module cache is worth verifying
	rejected    *classify.Failure // what the relay gave go unproven, and go did not accept; nil: nothing
	came        bool              // all that go was told to be out of reach has come meanwhile
	relay       bool              // content comes through the relay
	noLoopback  bool              // there is not even a loopback, and so no network
	denied      bool              // the relay heard an entry deny that it carries the checksum database
	gaveUpEarly bool              // it has given up on somebody for whom go would have waited
	refused     bool              // an upstream has said no, as organisations do that block a module
	goproxy     string            // the list that the user has
	vendored    bool              // there is a vendor directory
}

// A finding is one failure with what the policy allows for it.
type finding struct {
	classify.Failure
	decision policy.Decision
	without  *without // what would be decided without the repository's file; nil: there is none
	witness  witness
	relayed  bool // the relay met it, and has done all that asking again can do
	costly   bool // content is too large to be fetched as often again, or is the same each time
}

// without is what the policy would say without the repository's file.
type without struct {
	decision policy.Decision
	retry    policy.Retry
}

// lastResort reports whether a rule asks for more than to repair and to wait.
func (f *finding) lastResort() bool {
	return f.decision.Has(policy.ActDirect) || f.decision.Has(policy.ActVendor) || f.decision.Has(policy.ActPurgeAll)
}

// A step leads from one run to the next.
type step struct {
	action  action
	failure classify.Failure // what it is for
	next    run
	wait    time.Duration
	extra   time.Duration // what of it, and of the run before, is for the repository's file alone

	// What came of it.
	done       bool // the next run may help; else it was in vain
	told       bool // a person was told of the wait
	began      time.Time
	took       time.Duration
	quarantine []*modcache.Quarantine // clones set aside, until it is known whether that helped
}

// history is the runs of one command so far, the last of which has failed.
type history []outcome

// last is the run that has failed.
func (h history) last() *outcome { return &h[len(h)-1] }

// steps are all steps that were tried, oldest first.
func (h history) steps() (all []step) {
	for _, o := range h {
		all = append(all, o.steps...)
	}
	return all
}

// times counts how often an action was tried.
func (h history) times(a action) (n int) {
	for _, s := range h.steps() {
		if s.action == a {
			n++
		}
	}
	return n
}

// waited is the time that was waited on purpose.
func (h history) waited() (sum time.Duration) {
	for _, s := range h.steps() {
		sum += s.wait
	}
	return sum
}

// decide returns the next step after a failed run. It is pure: the same history and the
// same retry parameters give the same step.
func decide(h history, retries policy.Retry) step {
	st := h.choose(retries)
	st.next = h.last().run
	switch st.action {
	case actRecheck:
		st.next.verify = true
	case actWaitLonger:
		st.next.patient = true
	case actDirect:
		st.next.env.direct, _ = h.last().directAfter(st.failure)
	case actVendor:
		st.next.env.vendor = true
	}
	return st
}

// choose is decide without the run that follows.
func (h history) choose(retries policy.Retry) step {
	ev := &h.last().evidence
	once := func(a action) bool { return h.times(a) == 0 }
	if ev.rejected != nil && once(actRecheck) {
		return step{action: actRecheck, failure: *ev.rejected}
	}
	if f, ok := ev.repairable(); ok && h.times(actRepair) < maxRepairs && len(h.last().steps) == 0 {
		return step{action: actRepair, failure: f}
	}
	if i := slices.IndexFunc(ev.met, rejected); i >= 0 && ev.relay && once(actRecheck) {
		return step{action: actRecheck, failure: ev.met[i].Failure}
	}
	if ev.came && once(actTake) {
		return step{action: actTake, failure: ev.met[0].Failure}
	}
	if len(ev.met) > 0 && ev.gaveUpEarly && once(actWaitLonger) {
		return step{action: actWaitLonger, failure: ev.met[0].Failure}
	}
	for _, f := range ev.met {
		if st := h.stepFor(f, retries); st.action != actNone {
			return st
		}
	}
	return step{}
}

// repairable returns the failure that may come from the module cache. A revision that is
// unknown may lie in a clone that git cannot read; damage may also show as no more than a
// compile error inside the cache.
func (ev *evidence) repairable() (classify.Failure, bool) {
	if ev.suspects.Empty() {
		return classify.Failure{}, false
	}
	for _, f := range ev.met {
		hidden := len(ev.suspects.Clones) > 0 && f.Class == classify.NotFound && f.decision.Has(policy.ActRetry)
		if hidden || f.decision.Has(policy.ActPurge) {
			return f.Failure, true
		}
	}
	return classify.Failure{Class: classify.CacheCorrupt}, len(ev.met) == 0
}

// rejected reports whether go found content damaged that may have come that
// way through the relay.
func rejected(f finding) bool {
	if f.costly || f.witness&(relayMet|fileWrong) == 0 {
		return false
	}
	switch f.Class {
	case classify.Checksum, classify.BadContent, classify.CacheCorrupt:
		return f.decision.Has(policy.ActRetry)
	}
	return false
}

// stepFor returns the first of a failure's actions that still means something.
func (h history) stepFor(f finding, retries policy.Retry) step {
	if f.witness == 0 {
		return step{}
	}
	open := map[policy.Action]action{policy.ActDirect: actDirect, policy.ActVendor: actVendor, policy.ActPurgeAll: actPurgeAll}
	for _, a := range f.decision.Actions {
		switch a {
		case policy.ActFail:
			return step{}
		case policy.ActRetry:
			if h.uncarried(f) {
				return step{action: actCarry, failure: f.Failure}
			}
			if w, ok := h.waitFor(f, retries); ok {
				return step{action: actWait, wait: w, extra: h.extra(f, w), failure: f.Failure}
			}
		default:
			if next, ok := open[a]; ok && h.times(next) == 0 && h.last().offers(next, f.Failure) {
				return step{action: next, failure: f.Failure}
			}
		}
	}
	return step{}
}

// offers reports whether a way is open that only a rule can ask for.
func (ev *evidence) offers(a action, f classify.Failure) bool {
	switch a {
	case actDirect:
		_, ok := ev.directAfter(f)
		return ok
	case actVendor:
		return ev.vendored
	}
	return true
}

// directAfter returns the separator behind which go is let ask the origin itself, and
// whether that changes anything. A comma lets it do so for what is missing; for other
// failures it takes a bar, unless somebody has refused something, which a bar would get
// around.
func (ev *evidence) directAfter(f classify.Failure) (proxylist.Separator, bool) {
	after := proxylist.OnError
	if f.Class == classify.NotFound || f.Class == classify.Gone || ev.refused {
		after = proxylist.OnMissing
	}
	_, changes := proxylist.WithDirect(ev.goproxy, after)
	return after, changes
}

// uncarried reports whether go could not reach the checksum database itself, and
// somebody may have it who said not to.
func (h history) uncarried(f finding) bool {
	return f.Class == classify.SumDBUnreachable && f.Status == 0 && f.Module != "" && !f.relayed && h.last().denied && h.times(actCarry) == 0
}

// waitFor returns how long to wait before the next run, and whether there is
// to be one.
func (h history) waitFor(f finding, retries policy.Retry) (time.Duration, bool) {
	if patience := f.decision.WaitFor; patience > 0 && !f.relayed && (f.Transient || retry.IsMissing(f.Class)) {
		return retry.Patience(patience, h.last().ended.Sub(h[0].ended), h.times(actWait)+1, 0)
	}
	if f.relayed || f.costly || !f.Transient {
		return 0, false
	}
	retries = f.decision.Schedule(retries)
	tries := h.times(actWait) + 1
	if tries >= retries.Attempts || h.last().noLoopback && f.Unreachable() {
		return 0, false
	}
	w := retry.Nth(retries.Waits, tries)
	return w, h.waited()+w <= retries.Budget
}

// extra is how much of a wait there would not be without the repository's file. A rule's
// wait-for is apart.
func (h history) extra(f finding, wait time.Duration) time.Duration {
	if f.without == nil || f.decision.WaitFor > 0 {
		return 0
	}
	usual := f
	usual.decision = f.without.decision
	w, ok := h.waitFor(usual, f.without.retry)
	if !ok || !usual.decision.Has(policy.ActRetry) {
		return wait + h.last().ended.Sub(h.last().begun)
	}
	return max(0, wait-w)
}
