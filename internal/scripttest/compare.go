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
	Passed      int      // in both
	Skipped     int      // in both
	FailedToo   []string // without gosteady too, so that they say nothing
	Regressions []Regression
}

// Compare compares the results without gosteady with those with it.
func Compare(without, with map[string]Result) Report {
	var r Report
	for _, name := range sortedNames(without) {
		before, after := without[name], with[name]
		switch {
		case hasChildren(name, without):
			// A parent fails with its children; they are counted.
		case before.Status == "FAIL" || before.Status == "":
			r.FailedToo = append(r.FailedToo, name)
		case before.Status != after.Status:
			r.Regressions = append(r.Regressions, Regression{name, after.Status, after.Output})
		case before.Status == "PASS":
			r.Passed++
		default:
			r.Skipped++
		}
	}
	return r
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

// Patterns select the tests of the regressions, to run them again: the scripts,
// and the other tests. They are two, because the part of a pattern after the
// slash holds for all of them.
func (r Report) Patterns() []string {
	var tests, scripts []string
	for _, reg := range r.Regressions {
		if name, ok := strings.CutPrefix(reg.Name, "TestScript/"); ok {
			scripts = append(scripts, name)
		} else if top, _, _ := strings.Cut(reg.Name, "/"); top != "TestScript" {
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
	return fmt.Sprintf("%d pass and %d are skipped with and without gosteady, %d fail without it too, %d regressions",
		r.Passed, r.Skipped, len(r.FailedToo), len(r.Regressions))
}
