package scripttest

import (
	"fmt"
	"sort"
	"strings"
)

// A Regression is a test that passes without gosteady and not with it.
type Regression struct {
	Name   string
	Status string // "FAIL", "SKIP", or "" if it did not come to an end
	Output string
}

// A Report is a comparison of two runs.
type Report struct {
	Passed      int      // with gosteady
	Skipped     int      // in both
	FailedToo   []string // without gosteady too, so that they say nothing
	Regressions []Regression
}

// Compare compares the results with gosteady with those without it. The latter need
// not have the tests that passed with it: see NotPassed.
func Compare(with, without map[string]Result) Report {
	var r Report
	for _, name := range sortedNames(with) {
		after, before := with[name], without[name]
		switch {
		case hasChildren(name, with):
			// A parent fails with its children; they are counted.
		case after.Status == "PASS":
			r.Passed++
		case before.Status == "FAIL" || before.Status == "":
			r.FailedToo = append(r.FailedToo, name)
		case before.Status != after.Status:
			r.Regressions = append(r.Regressions, Regression{name, after.Status, after.Output})
		default:
			r.Skipped++
		}
	}
	return r
}

// NotPassed are the tests to look at again: all that did not pass.
func NotPassed(results map[string]Result) []string {
	var names []string
	for _, name := range sortedNames(results) {
		if results[name].Status != "PASS" && !hasChildren(name, results) {
			names = append(names, name)
		}
	}
	return names
}

func sortedNames(results map[string]Result) []string {
	var names []string
	for name := range results {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func hasChildren(name string, results map[string]Result) bool {
	for other := range results {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

// Patterns select these tests: the scripts, and the others. They are two, because
// the part of a pattern after the slash holds for all of them.
func Patterns(names []string) []string {
	var tests, scripts []string
	for _, name := range names {
		if script, ok := strings.CutPrefix(name, "TestScript/"); ok {
			scripts = append(scripts, script)
		} else {
			top, _, _ := strings.Cut(name, "/")
			tests = append(tests, top)
		}
	}
	var patterns []string
	if len(scripts) > 0 {
		patterns = append(patterns, Scripts(scripts))
	}
	if len(tests) > 0 {
		patterns = append(patterns, "^("+strings.Join(tests, "|")+")$")
	}
	return patterns
}

// Scripts is the pattern that selects these scripts.
func Scripts(names []string) string {
	return "^TestScript$/^(" + strings.Join(names, "|") + ")$"
}

func (r Report) String() string {
	return fmt.Sprintf("%d pass with gosteady, %d are skipped with and without, %d fail with and without, %d pass only without",
		r.Passed, r.Skipped, len(r.FailedToo), len(r.Regressions))
}
