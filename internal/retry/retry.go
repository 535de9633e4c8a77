// Package retry decides whether a failed request is made again, and after what wait.
//
// [Next] is the only place that decides. It is pure: what happened, how the upstream
// is doing, and what is allowed come in; a verdict comes out. The limits that many
// requests share (package limit) are input, or hold a request back before it is made;
// none of them has a vote of its own. Only package upstream calls it, from Client.Fetch.
// Whether a whole go command is run again is decided in package shim, by decide.
package retry

import (
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

// An Attempt is a request that failed.
type Attempt struct {
	Failure    classify.Failure
	Stored     bool          // the same wrong bytes came twice
	RetryAfter time.Duration // what the answer asks for; 0: nothing
	Fresh      time.Duration // how long caches repeat this answer; 0: unknown

	Tries  int           // made so far, those apart that do not count
	Bodies int           // of them, those that broke off in the middle of a body, or with a connection that served others
	Took   time.Duration // this one
	Waited time.Duration // since the first answer of this kind
	Cause  Cause
	AsGo   bool // go itself would ask the server once more, at once
	Item
	Position
}

// A Cause is why a request failed, where that lies in the way it was made.
type Cause int

const (
	Usual      Cause = iota
	LoggedIn         // without the credentials that have been found since
	TurnedAway       // for the number of requests that we made at a time
	Probe            // it was to find out whether an upstream that is down is back
)

// An Item is what is known of what was asked for.
type Item struct {
	Exact    bool // a file of one version, which never changes once it exists
	Known    bool // go.sum names the version
	Guess    bool // neither go.mod nor go.sum names the path
	Shadowed bool // a guess at a module path, and a shorter one is the module
}

// A Position is where the upstream is in the GOPROXY list.
type Position struct {
	Pipe    bool // "|" follows
	Last    bool // nothing follows that go would ask
	Rotates bool // a rule lets another upstream be asked after this failure
}

// An Upstream is how the asked one is doing.
type Upstream struct {
	Down       bool // it fails for everybody: see limit.Outage
	Reached    bool // it has answered in this command, or at least taken a request
	Failing    bool // what it was asked last ended in a failure, not long ago
	Open       bool // its breaker is open
	Serving    bool // it has just given good answers
	Empty      bool // it lacks several known versions, and has given no file yet
	TurnedAway int  // how often this request was turned away for the number of those beside it
}

// A Policy is what is allowed.
type Policy struct {
	Decision policy.Decision // about this failure
	Retry    policy.Retry    // what applies where the decision has no schedule
	Left     time.Duration   // of the wait budget
	Offline  time.Duration   // what is left of the time without a network; see Online
}

// Online is the value of Policy.Offline where somebody has been reached.
const Online = -1

// A Verdict says whether to ask again, and after what wait.
type Verdict struct {
	Again   bool
	Wait    time.Duration
	Patient bool // a rule's wait-for: outside the budget
	Free    bool // the failed try does not count
	AsGo    bool // go would have asked again as well: nothing is healed by it
	Limited bool // no, and only for a limit that all requests share
}

func (p Policy) schedule() policy.Retry { return p.Decision.Schedule(p.Retry) }

// hasOther reports whether another upstream is better than patience with this
// one. A rule with a schedule of its own asks for that patience.
func hasOther(a Attempt, p Policy) bool { return a.Rotates && p.Decision.Retry == nil }

// quick reports whether only blips are worth a retry.
func quick(a Attempt, p Policy) bool { return a.Pipe || hasOther(a, p) }

// Waits reports whether a request waits with all others while its upstream is down. A
// rule's own schedule and its wait-for are obeyed as they stand.
func Waits(d policy.Decision) bool { return d.Retry == nil && d.WaitFor == 0 }
