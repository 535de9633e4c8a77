//go:build unix

package docs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is a version of gosteady in something to type.
var named = regexp.MustCompile(`(?:gosteady/gosteady(?:/report)?[@:]|releases/download/|--version |rev: )v?(\d+\.\d+\.\d+)`)

// What people are told to type names the version that is released: the first heading of
// CHANGELOG.md. Before the first release only examples/ci names one, the first to come, and
// says so.
func TestReleasedVersion(t *testing.T) {
	changelog := readPage(t, "CHANGELOG.md")
	released, next := "", ""
	if m := regexp.MustCompile(`(?m)^## v(\d+\.\d+\.\d+)`).FindStringSubmatch(changelog); m != nil {
		released = m[1]
	} else if m := regexp.MustCompile(`The first will be\s+v(\d+\.\d+\.\d+)`).FindStringSubmatch(changelog); m != nil {
		next = m[1]
	} else {
		t.Fatal("CHANGELOG.md has neither a release nor the first to come")
	}
	recipes, err := filepath.Glob("examples/ci/*")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(recipes, docPages(t)...) {
		want := released
		if strings.HasPrefix(page, "examples/ci/") {
			want += next
		}
		for _, m := range named.FindAllStringSubmatch(readPage(t, page), -1) {
			found++
			if m[1] != want {
				t.Errorf("%s has %s, not %q", page, m[0], want)
			}
		}
	}
	if found < len(recipes) {
		t.Errorf("only %d versions in %d recipes", found, len(recipes))
	}
	if released == "" && (!strings.Contains(readPage(t, "README.md"), "There is no release yet") || !strings.Contains(readPage(t, "examples/ci/README.md"), "nothing is released yet")) {
		t.Error("README.md and examples/ci/README.md do not say that there is no release yet")
	}
}
