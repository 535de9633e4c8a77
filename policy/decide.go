package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"golang.org/x/mod/module"
)

// A Rule says what is done about failures of some classes.
type Rule struct {
	On      []string // classes and groups, as written
	Modules []string // patterns as in GOPRIVATE; none for every module
	When    string   // "ci", "local" or "" for both
	Do      []Action
	Retry   RuleRetry
	WaitFor time.Duration
	Origin  Origin
	// RotateTrusted: "rotate" may go past a comma to any upstream, not only
	// between two well-known public proxies.
	RotateTrusted bool
	knownOnly     bool // built-in: only versions that go.sum names
}

// RuleRetry is a rule's own "retry"; zero fields leave the policy's values.
type RuleRetry struct {
	Attempts int
	Waits    []time.Duration
}

// A Decision is what may be done about one failure.
type Decision struct {
	Actions []Action // in order; never empty
	Retry   *Retry   // the rule's own, complete; nil for the policy's
	WaitFor time.Duration
	// KnownOnly: ask again only for versions that go.sum names.
	KnownOnly bool
	// RotateTrusted: ActRotate may go past a comma to any upstream; else only
	// between two well-known public proxies.
	RotateTrusted bool
	// NamesForbidden: the rule names the failure's class itself, not by a
	// group. ActRotate for unauthorized and forbidden is given only then.
	NamesForbidden bool
	// NamesModules: the rule is about certain modules.
	NamesModules bool
	Origin       Origin // of the rule; the zero Origin is the built-in table
}

// Schedule returns how often and when to ask again: the rule's own way, or the
// policy's.
func (d Decision) Schedule(policys Retry) Retry {
	if d.Retry != nil {
		return *d.Retry
	}
	return policys
}

// Has reports whether the decision allows an action.
func (d Decision) Has(a Action) bool { return slices.Contains(d.Actions, a) }

// Decide returns what may be done about a failure of a module ("" if unknown):
// by the first rule that matches, else by the built-in table.
func (p *Policy) Decide(f classify.Failure, modPath string, ci bool) Decision {
	if p.Off || f.Class == classify.NotFetch || f.Class == classify.Configuration {
		return Decision{Actions: []Action{ActFail}}
	}
	for i := range p.Rules {
		if r := &p.Rules[i]; r.matches(f, modPath, ci) {
			return p.decision(r, f)
		}
	}
	return p.decision(builtIn(f), f)
}

func (r *Rule) matches(f classify.Failure, modPath string, ci bool) bool {
	if r.When != "" && (r.When == "ci") != ci {
		return false
	}
	if len(r.Modules) > 0 && !module.MatchPrefixPatterns(strings.Join(r.Modules, ","), modPath) {
		return false
	}
	return slices.ContainsFunc(r.On, func(word string) bool { return covers(word, f) })
}

// covers reports whether a word of a rule's "on" stands for a failure. The
// group transient also takes a failure that only now is transient, such as a
// 404 whose text says that the proxy could not reach the origin.
func covers(word string, f classify.Failure) bool {
	if word == string(f.Class) {
		return true
	}
	classes, group, ok := classify.Lookup(word)
	if !ok || !group {
		return false
	}
	return slices.Contains(classes, f.Class) || word == "transient" && f.Transient
}

func (p *Policy) decision(r *Rule, f classify.Failure) Decision {
	d := Decision{
		Actions:        slices.Clone(r.Do),
		WaitFor:        r.waitFor(f.Class),
		KnownOnly:      r.knownOnly,
		RotateTrusted:  r.RotateTrusted,
		NamesForbidden: slices.Contains(r.On, string(f.Class)),
		NamesModules:   len(r.Modules) > 0,
		Origin:         r.Origin,
	}
	if r.Retry.Attempts > 0 || len(r.Retry.Waits) > 0 {
		d.Retry = p.ruleRetry(r.Retry)
	}
	if !d.NamesForbidden && (f.Class == classify.Unauthorized || f.Class == classify.Forbidden) {
		// Organisations block modules with 403: a rule must mean it.
		d.Actions = slices.DeleteFunc(d.Actions, func(a Action) bool { return a == ActRotate })
	}
	if len(d.Actions) == 0 {
		d.Actions = []Action{ActFail}
	}
	return d
}

func (p *Policy) ruleRetry(own RuleRetry) *Retry {
	r := p.Retry
	if own.Attempts > 0 {
		r.Attempts = own.Attempts
	}
	if len(own.Waits) > 0 {
		r.Waits = own.Waits
	}
	return &r
}

// builtIn is the table that applies where no rule does.
func builtIn(f classify.Failure) *Rule {
	r := &Rule{Do: []Action{ActFail}}
	switch f.Class {
	case classify.Checksum:
		r.Do = []Action{ActRetry, ActPurge}
	case classify.CacheCorrupt:
		r.Do = []Action{ActPurge, ActRetry}
	case classify.NotFound, classify.Gone:
		r.Do = []Action{ActRetry}
		r.knownOnly = !f.Transient
	default:
		// A property of the failure, not only of the class: a 501 is final, a
		// toolchain download that was reset is not.
		if f.Transient {
			r.Do = []Action{ActRetry}
		}
	}
	return r
}
