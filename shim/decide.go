package shim

import (
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

// A deed is what is done after a run that failed, before the next one.
type deed int

const (
	doNothing    deed = iota // nothing: the failure is the user's
	doWait                   // wait, then run again
	doRepair                 // verify what the failure points at, replace what is proven bad, run again
	doRecheck                // run again with a relay that verifies every zip in full
	doTake                   // run again, since what was lacking has come meanwhile
	doWaitLonger             // run again with a relay that waits longer for those whom "|" follows
	doCarry                  // run again with a proxy that has the checksum database, though it denies that
	doDirect                 // run again with "direct" appended to GOPROXY
	doVendor                 // run again with -mod=vendor
	doWipe                   // go clean -modcache, run again
)

var deedNames = [...]string{"none", "rerun", "replace", "recheck", "rerun", "patience", "carrier", "direct", "vendor", "purge-all"}

func (d deed) String() string { return deedNames[d] }

// What a command may be run again for, at most. Waiting follows the policy's
// number of attempts; git fails several times in a row, and a run that fetched
// nothing leaves nothing behind. A cache is repaired twice at most: a second
// repair that does not help will not be followed by a third that does.
const maxRepairs = 2

// evidence is what is known after a run that failed.
type evidence struct {
	met      []found           // most decisive first
	suspects bool              // the module cache has something to verify
	rejected *classify.Failure // what the relay gave go unproven, and go did not accept; nil: nothing
	came     bool              // all that go was told to be out of reach has come meanwhile
	clones   bool              // among it are clones of repositories
	relay    bool              // content comes through the relay
	isolated bool              // there is not even a loopback, and so no network
	denied   bool              // it heard an entry deny that it carries the checksum database
	hurried  bool              // which has given up on somebody for whom go would have waited
	waits    int               // runs that followed a wait so far
	repairs  int               // runs that followed a repair so far
	tried    map[deed]bool
	waited   time.Duration
	took     time.Duration // the last run
	patient  time.Duration // since the first run ended that failed
}

// found is one failure with what the policy allows for it.
type found struct {
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
func (f *found) lastResort() bool {
	return f.decision.Has(policy.ActDirect) || f.decision.Has(policy.ActVendor) || f.decision.Has(policy.ActPurgeAll)
}

// A step is a deed with what it is done for.
type step struct {
	deed    deed
	wait    time.Duration
	extra   time.Duration // what of it, and of the run before, is for the repository's file alone
	failure classify.Failure
}

// decide returns the next step after a failed run. It is pure: the same
// evidence and the same retry parameters give the same step.
func decide(ev evidence, retry policy.Retry) step {
	if ev.rejected != nil && !ev.tried[doRecheck] {
		return step{deed: doRecheck, failure: *ev.rejected}
	}
	if ev.suspects && ev.repairs < maxRepairs {
		if f, ok := ev.first(ev.mendable); ok {
			return step{deed: doRepair, failure: f.Failure}
		}
		if len(ev.met) == 0 { // damage that shows as a compile error inside the cache
			return step{deed: doRepair, failure: classify.Failure{Class: classify.CacheCorrupt}}
		}
	}
	if f, ok := ev.first(rejected); ok && ev.relay && !ev.tried[doRecheck] {
		return step{deed: doRecheck, failure: f.Failure}
	}
	if ev.came && !ev.tried[doTake] {
		return step{deed: doTake, failure: ev.met[0].Failure}
	}
	if len(ev.met) > 0 && ev.hurried && !ev.tried[doWaitLonger] {
		return step{deed: doWaitLonger, failure: ev.met[0].Failure}
	}
	for _, f := range ev.met {
		if s := ev.stepFor(f, retry); s.deed != doNothing {
			return s
		}
	}
	return step{}
}

// mendable reports whether a failure may come from the module cache. A revision
// that is unknown may lie in a clone that git cannot read.
func (ev *evidence) mendable(f found) bool {
	return f.decision.Has(policy.ActPurge) || ev.clones && f.Class == classify.NotFound && f.decision.Has(policy.ActRetry)
}

// rejected reports whether go found content damaged that may have come that
// way through the relay.
func rejected(f found) bool {
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
func (ev *evidence) stepFor(f found, retry policy.Retry) step {
	if f.witness == 0 {
		return step{}
	}
	for _, a := range f.decision.Actions {
		switch a {
		case policy.ActFail:
			return step{}
		case policy.ActRetry:
			if ev.uncarried(f) {
				return step{deed: doCarry, failure: f.Failure}
			}
			if w, ok := ev.waitFor(f, retry); ok {
				return step{deed: doWait, wait: w, extra: ev.extra(f, w), failure: f.Failure}
			}
		case policy.ActDirect:
			if !ev.tried[doDirect] {
				return step{deed: doDirect, failure: f.Failure}
			}
		case policy.ActVendor:
			if !ev.tried[doVendor] {
				return step{deed: doVendor, failure: f.Failure}
			}
		case policy.ActPurgeAll:
			if !ev.tried[doWipe] {
				return step{deed: doWipe, failure: f.Failure}
			}
		}
	}
	return step{}
}

// uncarried reports whether go could not reach the checksum database itself, and
// somebody may have it who said not to.
func (ev *evidence) uncarried(f found) bool {
	return f.Class == classify.SumDBUnreachable && f.Status == 0 && f.Module != "" && !f.relayed && ev.denied && !ev.tried[doCarry]
}

// waitFor returns how long to wait before the next run, and whether there is
// to be one.
func (ev *evidence) waitFor(f found, retry policy.Retry) (time.Duration, bool) {
	missing := f.Class == classify.NotFound || f.Class == classify.Gone || f.Class == classify.SumDBMissing
	if patience := f.decision.WaitFor; patience > 0 && !f.relayed && (f.Transient || missing) {
		w := waitBefore(patientWaits, ev.waits)
		return min(w, patience-ev.patient), ev.patient < patience
	}
	if f.relayed || f.costly || !f.Transient {
		return 0, false
	}
	retry = f.decision.Schedule(retry)
	if ev.waits+1 >= retry.Attempts {
		return 0, false
	}
	if ev.isolated && f.Unreachable() {
		return 0, false
	}
	w := waitBefore(retry.Waits, ev.waits)
	return w, ev.waited+w <= retry.Budget
}

// extra is how much of a wait there would not be without the repository's file. A rule's
// wait-for is apart.
func (ev *evidence) extra(f found, wait time.Duration) time.Duration {
	if f.without == nil || f.decision.WaitFor > 0 {
		return 0
	}
	usual := f
	usual.decision = f.without.decision
	w, ok := ev.waitFor(usual, f.without.retry)
	if !ok || !usual.decision.Has(policy.ActRetry) {
		return wait + ev.took
	}
	return max(0, wait-w)
}

// patientWaits are the waits of a rule's wait-for, outside the budget.
var patientWaits = []time.Duration{time.Second, 4 * time.Second, 10 * time.Second, 15 * time.Second}

// waitBefore is the wait before retry n, counted from 0; the last one repeats.
func waitBefore(waits []time.Duration, n int) time.Duration {
	if len(waits) == 0 {
		return 0
	}
	return waits[min(n, len(waits)-1)]
}

func (ev *evidence) first(want func(found) bool) (found, bool) {
	for _, f := range ev.met {
		if want(f) {
			return f, true
		}
	}
	return found{}, false
}
