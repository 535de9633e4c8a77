package front

import (
	"slices"
	"strings"
	"testing"
)

func TestSteady(t *testing.T) {
	for line, want := range map[string]struct {
		dir, own string
		ok       bool
	}{
		"steady":                    {"", "", true},
		"steady last -n 2":          {"", "last -n 2", true},
		"-C d steady last":          {"d", "last", true},
		"-C=d steady last":          {"d", "last", true},
		"--C d steady":              {"d", "", true},
		"steady -C d last":          {"d", "last", true},
		"help steady":               {"", "help", true},
		"help steady policy check":  {"", "help policy check", true},
		"-C d help steady":          {"d", "help", true},
		"":                          {},
		"help":                      {},
		"help build":                {},
		"version":                   {},
		"-C d build":                {},
		"-C steady build":           {},
		"-C":                        {},
		"run steady":                {},
		"-x steady":                 {},
		"steady restore-env p -C d": {"", "restore-env p -C d", true},
	} {
		dir, own, ok := Steady(strings.Fields(line))
		if dir != want.dir || !slices.Equal(own, strings.Fields(want.own)) || ok != want.ok {
			t.Errorf("%q: in %q, %q, %v", line, dir, own, ok)
		}
	}
}
