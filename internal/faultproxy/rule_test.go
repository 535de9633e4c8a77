package faultproxy

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestMatchPath(t *testing.T) {
	tests := []struct {
		pattern, path string
		want          bool
	}{
		{"**", "/a/b", true},
		{"/a", "/a", true},
		{"/a", "/ab", false},
		{"/a/*.zip", "/a/v1.zip", true},
		{"/a/*.zip", "/a/b/v1.zip", false},
		{"/a/**.zip", "/a/b/v1.zip", true},
		{"**/@v/list", "/a/b/@v/list", true},
		{"**/@v/list", "/a/b/@v/list/", false},
		{"/*/b/**", "/a/b/", true},
		{"", "", true},
	}
	for _, test := range tests {
		if got := matchPath(test.pattern, test.path); got != test.want {
			t.Errorf("matchPath(%q, %q) = %v", test.pattern, test.path, got)
		}
	}
}

// strikeMap draws which of n requests a rule strikes: x for those, . for others.
func strikeMap(r *Rule, n int, path string) string {
	var b strings.Builder
	now := time.Unix(0, 0)
	for range n {
		if r.strikes(path, now) {
			b.WriteByte('x')
		} else {
			b.WriteByte('.')
		}
		now = now.Add(time.Second)
	}
	return b.String()
}

func TestWhen(t *testing.T) {
	tests := []struct{ when, want string }{
		{"", "xxxxxxxx"},
		{"first=2", "xx......"},
		{"from=3", "..xxxxxx"},
		{"every=3", "..x..x.."},
		{"only=2", ".x......"},
		{"from=2 first=4", ".xxx...."},
		{"for=3s", "xxx....."},
		{"rate=1", "........"},
		{"rate=0.5", ".x.x.x.x"},
		{"rate=0.5 burst=3", ".....x.x"},
	}
	for _, test := range tests {
		rules, err := ParseRules("** hang " + test.when)
		if err != nil {
			t.Fatal(err)
		}
		if got := strikeMap(rules[0], 8, "/a"); got != test.want {
			t.Errorf("%q: %s, want %s", test.when, got, test.want)
		}
	}
}

func TestChance(t *testing.T) {
	draw := func(seed string) string {
		rules, err := ParseRules("** hang chance=0.2 seed=" + seed)
		if err != nil {
			t.Fatal(err)
		}
		return strikeMap(rules[0], 1000, "/a")
	}
	one := draw("1")
	if n := strings.Count(one, "x"); n < 150 || n > 250 {
		t.Errorf("%d of 1000 with a chance of 0.2", n)
	}
	if one != draw("1") || one == draw("2") {
		t.Error("the seed does not decide")
	}
}

func TestEach(t *testing.T) {
	rules, err := ParseRules("** hang first=1 each")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/a", "/b"} {
		if got := strikeMap(rules[0], 3, path); got != "x.." {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestParseRules(t *testing.T) {
	rules, err := ParseRules("\n# comment\n/a status=410 body=\"not found: x\"\n  /b cut after=10\n")
	if err != nil || len(rules) != 2 || rules[0].Fault.Body != "not found: x" || rules[1].Fault.After != 10 {
		t.Errorf("%+v, %v", rules, err)
	}
	for _, bad := range []string{"/a", "/a status=x", "/a cut reset", "/a cutt", "/a first=x cut", `/a "`} {
		if _, err := ParseRules(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
