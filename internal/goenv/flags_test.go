package goenv

import (
	"slices"
	"strings"
	"testing"
)

// FuzzSplitFlags: elements that were quoted as "go help environment" describes
// it come back as they were.
func FuzzSplitFlags(f *testing.F) {
	f.Add("-mod=mod", "-ldflags=-s -w", "it's")
	f.Add("", "\"", "'")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var quoted []string
		for _, s := range []string{a, b, c} {
			q, ok := quoteFlag(s)
			if !ok {
				return
			}
			quoted = append(quoted, q)
		}
		got, err := SplitFlags(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(got, []string{a, b, c}) {
			t.Errorf("%q = %q, %v; want %q", quoted, got, err, []string{a, b, c})
		}
	})
}

// quoteFlag quotes one element; none can hold both kinds of quotes.
func quoteFlag(s string) (string, bool) {
	switch {
	case !strings.Contains(s, `"`):
		return `"` + s + `"`, true
	case !strings.Contains(s, "'"):
		return "'" + s + "'", true
	}
	return "", false
}
