package policy

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// ruleList reads the value of the key rules.
func (r *reader) ruleList(n ast.Node) {
	k := keyNamed("rules")
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		r.bad(posOf(n), k.name, "must be a list, each rule after a dash; allowed: %s", k.allowed())
		return
	}
	if len(seq.Values) > maxRules {
		r.bad(posOf(n), k.name, "has %d rules; allowed: %d", len(seq.Values), maxRules)
		return
	}
	for _, child := range seq.Values {
		if rule, ok := r.rule(child); ok {
			r.rules = append(r.rules, rule)
		}
	}
}

// rule reads one rule. One that uses a word that only a newer gosteady knows
// is left out as a whole.
func (r *reader) rule(n ast.Node) (Rule, bool) {
	pos := firstKey(n)
	rule := Rule{Origin: r.origin(pos)}
	errors, skipped := r.errors, r.skipped
	r.mapping(n, "rules.", func(k *key, s setting) { assign(k.rule(&rule), s.val) })
	if r.errors > errors || r.skipped > skipped {
		return rule, false
	}
	r.checkRule(rule, pos)
	return rule, r.errors == errors
}

// firstKey is where a rule begins for a person: at its first key.
func firstKey(n ast.Node) position {
	if m, ok := n.(ast.MapNode); ok {
		if it := m.MapRange(); it.Next() {
			return posOf(it.Key())
		}
	}
	return posOf(n)
}

// checkRule refuses rules that cannot mean anything.
func (r *reader) checkRule(rule Rule, pos position) {
	retries := slices.Contains(rule.Do, ActRetry)
	switch {
	case len(rule.On) == 0:
		r.bad(pos, "rules.on", "is missing; allowed: %s", keyNamed("rules.on").allowed())
	case len(rule.Do) == 0:
		r.bad(pos, "rules.do", "is missing; allowed: %s", keyNamed("rules.do").allowed())
	case rule.WaitFor > 0 && !retries:
		r.bad(pos, "rules.wait-for", "has no effect without retry in do")
	case (rule.Retry.Attempts > 0 || len(rule.Retry.Waits) > 0) && !retries:
		r.bad(pos, "rules.retry", "has no effect without retry in do")
	}
	if word, idle := idleWaitFor(rule); idle && rule.WaitFor > 0 {
		r.bad(pos, "rules.wait-for", "has no effect for %s: asking again does not change it", word)
	}
	for i, a := range rule.Do {
		switch {
		case a == ActFail && i < len(rule.Do)-1:
			r.bad(pos, "rules.do", "nothing comes after fail")
		case slices.Contains(rule.Do[:i], a):
			r.bad(pos, "rules.do", "%s stands twice", a)
		}
	}
}
