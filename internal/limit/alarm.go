package limit

// mostNeeded is how many failures an alarm needs at most.
const mostNeeded = 32

// An alarm tells an upstream that fails for everybody from one that fails for some
// files: by one failure where nobody answered, by one 429, else by failures of two
// modules in a row without an answer between. One module alone never is enough: a
// 502 for one zip of a proxy that serves all else is no outage.
//
// Each alarm that was none doubles the number that the next one needs: else a server
// that fails each file once would stop everybody once a file.
//
// A server that limits the rate refuses as well what it has served: that is looked at
// once, and then for ever fewer of its alarms, since each look is one more request that
// it refuses. One that answers every third request with 503 or 429 is found out so.
type alarm struct {
	silent, troubled, busy int             // how many it takes
	modules                map[string]bool // that failed in a row
	limited                bool            // 503 was everybody's before: one suffices
	believed, unasked      int             // alarms to be believed after one that was right, and how many of them are left
}

func newAlarm() alarm { return alarm{silent: 1, troubled: 2, busy: 1, modules: map[string]bool{}} }

// rings reports whether a result says that the upstream is down for everybody.
func (a *alarm) rings(r Result) bool {
	switch r.Sign {
	case Nothing:
		return false
	case Answered:
		clear(a.modules)
		return false
	}
	a.modules[r.Module] = true
	switch {
	case r.Sign == Busy:
		return len(a.modules) >= a.busy
	case r.relief() && a.limited:
		return true
	case r.Sign == Silent:
		return len(a.modules) >= a.silent
	}
	return len(a.modules) >= a.troubled
}

// doubts reports whether an alarm that a result made is looked into at once, also where
// the server says how long to wait: that may be meant for one file, and to stop everybody
// for it each time made minutes of a download of seconds. A server that means everybody
// is believed for ever longer.
func (a *alarm) doubts(r Result) bool {
	switch {
	case r.Sign != Troubled && r.Sign != Busy:
		return false
	case !r.relief():
		return true
	case a.limited && a.unasked > 0:
		a.unasked--
		return false
	}
	return true
}

// was notes what an alarm that a result made turned out to be, and whether that was
// looked into at once.
func (a *alarm) was(was Was, r Result, asked bool) {
	clear(a.modules)
	switch {
	case was == TooMuch:
		a.limited, a.busy = true, 1
		if asked {
			a.believed = min(2*a.believed+1, mostNeeded)
			if r.After > 0 { // it has said so itself
				a.believed = min(2*a.believed+1, mostNeeded)
			}
			a.unasked = a.believed
		}
	case was == Real:
	case r.Sign == Silent:
		a.silent = min(2*a.silent, mostNeeded)
	case r.Sign == Busy:
		a.busy = min(2*a.busy, mostNeeded)
	case r.Sign == Troubled:
		a.troubled = min(2*a.troubled, mostNeeded)
	}
	if was == FalseAlarm && r.relief() {
		a.limited, a.believed, a.unasked = false, 0, 0
	}
}
