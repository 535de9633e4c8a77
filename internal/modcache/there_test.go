package modcache

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/mod/module"
)

func TestThere(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	for _, dir := range []string{
		"a.b/c@v1.0.0", "a.b/c/v2@v2.0.0", "gopkg.in/yaml.v3@v3.0.0", "a.b/!x@v1.0.0",
		"cache/download/a.b/c/@v", "cache/download/a.b/e/@v", "cache/download/top/@v",
	} {
		if err := os.MkdirAll(filepath.Join(c.Dir, filepath.FromSlash(dir)), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	asked := []module.Version{
		{Path: "a.b/c", Version: "v1.0.0"}, {Path: "a.b/c", Version: "v1.1.0"}, {Path: "a.b/c/v2", Version: "v2.0.0"},
		{Path: "gopkg.in/yaml.v3", Version: "v3.0.0"}, {Path: "a.b/X", Version: "v1.0.0"}, {Path: "a.b/e", Version: "v1.0.0"},
		{Path: "no.where/x", Version: "v1.0.0"}, {Path: "top", Version: "v1.0.0"},
	}
	at := func(list ...int) (versions []module.Version) {
		for _, i := range list {
			versions = append(versions, asked[i])
		}
		return versions
	}
	if got, want := slices.Collect(c.Extracted(slices.Values(asked))), at(0, 2, 3, 4); !slices.Equal(got, want) {
		t.Errorf("extracted: %v, want %v", got, want)
	}
	if got, want := slices.Collect(c.Downloaded(slices.Values(asked))), at(0, 1, 4, 5, 7); !slices.Equal(got, want) {
		t.Errorf("downloaded: %v, want %v", got, want)
	}
}
