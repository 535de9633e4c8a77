package policy

import (
	"slices"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// obeysWaitFor reports whether a rule's wait-for is obeyed for a class: it has to be one
// of which asking again can make a success. A refusal, a certificate or a file on this
// machine is as it is, however long it is waited for.
func obeysWaitFor(c classify.Class) bool {
	switch c {
	case classify.NotFound, classify.Gone, classify.SumDBMissing, classify.HTTPProxy, classify.Toolchain:
		return true
	}
	return slices.ContainsFunc(classify.Table(), func(row classify.Info) bool { return row.Class == c && row.Transient })
}

// idleWaitFor returns the first word of a rule for which its wait-for has no effect. A
// group may have members of both kinds.
func idleWaitFor(rule Rule) (word string, ok bool) {
	for _, word := range rule.On {
		classes, _, _ := classify.Lookup(word)
		if !slices.ContainsFunc(classes, obeysWaitFor) {
			return word, true
		}
	}
	return "", false
}

// waitFor is a rule's wait-for, as far as a class obeys it.
func (r *Rule) waitFor(c classify.Class) time.Duration {
	if r.WaitFor > 0 && !obeysWaitFor(c) {
		return 0
	}
	return r.WaitFor
}
