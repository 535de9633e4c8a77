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
type alarm struct {
	silent, troubled int             // how many it takes
	modules          map[string]bool // that failed in a row
	limited          bool            // 503 was everybody's before: one suffices
}

func newAlarm() alarm { return alarm{silent: 1, troubled: 2, modules: map[string]bool{}} }

// rings reports whether a result says that the upstream is down for everybody.
func (a *alarm) rings(r Result) bool {
	switch r.Sign {
	case Nothing:
		return false
	case Answered:
		clear(a.modules)
		return false
	case Busy:
		return true
	}
	a.modules[r.Module] = true
	switch {
	case r.relief() && a.limited:
		return true
	case r.Sign == Silent:
		return len(a.modules) >= a.silent
	}
	return len(a.modules) >= a.troubled
}

// was notes what an alarm that a result made turned out to be.
func (a *alarm) was(was Was, r Result) {
	clear(a.modules)
	switch {
	case was == TooMuch:
		a.limited = true
	case was == Real:
	case r.Sign == Silent:
		a.silent = min(2*a.silent, mostNeeded)
	case r.Sign == Troubled:
		a.troubled = min(2*a.troubled, mostNeeded)
	}
}
