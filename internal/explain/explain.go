// Package explain says of failures what they are, whether waiting helps, what gosteady
// would do and what a person should do.
//
// What gosteady would do is a parameter, a list of the words of a policy's rules, so that
// the policy in force has its say.
package explain

import (
	"encoding/json"
	"io"

	"github.com/gosteady/gosteady/classify"
)

// What a log tells by an exit status, so that a CI can decide on a re-run.
const (
	NoFailure = 0
	Permanent = 1  // at least one failure that waiting does not help
	Unread    = 2  // a log could not be read: nothing is known
	Transient = 75 // EX_TEMPFAIL of sysexits.h: only failures that pass
)

// Status is the exit status that tells of failures.
func Status(failures []classify.Failure) int {
	if len(failures) == 0 {
		return NoFailure
	}
	for _, f := range failures {
		if !f.Transient {
			return Permanent
		}
	}
	return Transient
}

// An explanation is a failure as scripts read it.
type explanation struct {
	Class     classify.Class `json:"class"`
	Transient bool           `json:"transient"`
	Module    string         `json:"module"` // with @version where it is known
	Host      string         `json:"host"`
	Actions   []string       `json:"actions"`
	Advice    string         `json:"advice"`
	Evidence  string         `json:"evidence"`
}

func newExplanation(f classify.Failure, actions []string) explanation {
	if actions == nil {
		actions = []string{}
	}
	return explanation{
		Class: f.Class, Transient: f.Transient, Module: moduleAt(f), Host: f.Host,
		Actions: actions, Advice: f.Advice, Evidence: f.Evidence,
	}
}

func moduleAt(f classify.Failure) string {
	if f.Version == "" {
		return f.Module
	}
	return f.Module + "@" + f.Version
}

// JSON writes an object a line; without a failure, one of the class not-fetch.
func JSON(w io.Writer, failures []classify.Failure, actions func(classify.Failure) []string) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if len(failures) == 0 {
		return enc.Encode(newExplanation(classify.Failure{Class: classify.NotFetch}, nil))
	}
	for _, f := range failures {
		if err := enc.Encode(newExplanation(f, actions(f))); err != nil {
			return err
		}
	}
	return nil
}
