package modcache

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/gosum"
	"golang.org/x/mod/module"
)

func TestPathsIn(t *testing.T) {
	m := module.Version{Path: "example.com/m", Version: "v1.0.0"}
	for _, tt := range []struct {
		text string
		want []module.Version
	}{
		{"/gomodcache/example.com/m@v1.0.0/x.go:1:1: expected 'package', found 'EOF'", []module.Version{m}},
		{"../../gomodcache/example.com/m@v1.0.0/x.go:1:1: unexpected NUL in input", []module.Version{m}},
		{"#10 5.897 main.go:3:2: open /gomodcache/example.com/m@v1.0.0/sub: no such file", []module.Version{m}},
		{"unzip /gomodcache/cache/download/example.com/m/@v/v1.0.0.zip: unexpected EOF", []module.Version{m}},
		{"errors parsing go.mod:\n/gomodcache/cache/download/example.com/m/@v/v1.0.0.mod:1: unknown directive: <html>", []module.Version{m}},
		{`C:\gomodcache\example.com\m@v1.0.0\x.go:1:1: expected`, []module.Version{m}},
		{"/gomodcache/github.com/!burnt!sushi/toml@v1.3.2/a.go:1:1:", []module.Version{{Path: "github.com/BurntSushi/toml", Version: "v1.3.2"}}},
		{"/home/x/gomodcache/y/gomodcache/example.com/m@v1.0.0/x.go", []module.Version{m}},
		{"/gomodcache/example.com/m@v1.0.0: a, /gomodcache/example.com/m@v1.0.0: b", []module.Version{m}},
		{"/elsewhere/example.com/m@v1.0.0/x.go:1:1: expected 'package'", nil},
		{"/gomodcache/example.com/m@master/x.go", nil},
		{"/gomodcache/cache/download/example.com/m/@v/list: permission denied", nil},
		{"mail me@v1.0.0 or me@example.com", nil},
		{"", nil},
	} {
		if got := PathsIn(tt.text, "/some/where/gomodcache"); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("PathsIn(%q) = %v, want %v", tt.text, got, tt.want)
		}
	}
}

const hash = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

func TestSuspects(t *testing.T) {
	sums, err := gosum.Parse([]byte("example.com/m v1.0.0 " + hash + "\nexample.com/m/sub v1.1.0 " + hash + "\nexample.com/other v2.0.0+incompatible " + hash + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := &Cache{Dir: "/gomodcache"}
	clone := strings.Repeat("0a", 32)
	for _, tt := range []struct{ name, text, want string }{
		{"named", "go: example.com/x@v1.2.3: parsing go.mod: missing module line", "example.com/x@v1.2.3"},
		{"checksum", "verifying example.com/x@v1.2.3/go.mod: checksum mismatch", "example.com/x@v1.2.3"},
		{"-trimpath", "example.com/x@v1.2.3/a/x.go:1:1: expected 'package', found 'EOF'", "example.com/x@v1.2.3"},
		{"package", "main.go:3:8: no required module provides package example.com/m/sub/p; to add it:", "example.com/m@v1.0.0 example.com/m/sub@v1.1.0"},
		{"found", "module example.com/m@latest found (v1.0.0), but does not contain package example.com/m/q", "example.com/m@v1.0.0"},
		{"zip", "main.go:3:8: zip: not a valid zip file", "all"},
		{"zip content", "main.go:3:8: flate: corrupt input before offset 17", "all"},
		{"zip end", "main.go:3:8: unexpected EOF", "all"},
		{"clone", "git fetch in /gomodcache/cache/vcs/" + clone + ": exit status 128", clone},
		{"own code", "./main.go:5:2: syntax error: unexpected EOF, expecting }", ""},
		{"network", `reading https://proxy.example/x: read tcp: unexpected EOF`, ""},
		{"std", "main.go:3:8: package foo is not in std", ""},
		{"nothing", "--- FAIL: TestX (0.00s)", ""},
	} {
		s := c.Suspects(tt.text, sums)
		var got []string
		for _, m := range s.Versions {
			got = append(got, m.String())
		}
		for _, dir := range s.Clones {
			got = append(got, filepath.Base(dir))
		}
		text := strings.Join(got, " ")
		if s.Zips && len(s.Versions) == len(sums.Versions()) {
			text = "all"
		}
		if text != tt.want {
			t.Errorf("%s: suspects %q, want %q", tt.name, text, tt.want)
		}
	}
}

// A clone is suspected by the origin that is noted beside it.
func TestSuspectsClonesByOrigin(t *testing.T) {
	c := &Cache{Dir: t.TempDir()}
	clone := filepath.Join(c.VCSDir(), strings.Repeat("0a", 32))
	if err := os.MkdirAll(clone, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(clone+".info", []byte("git3:https://example.com/m.git\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	sums, err := gosum.Parse([]byte("example.com/m/sub v1.1.0 " + hash + "\nexample.com/other v1.0.0 " + hash + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"main.go:3:8: reading example.com/m/sub/go.mod at revision sub/v1.1.0: unknown revision refs/tags/sub/v1.1.0": true,
		"go: example.com/other@v1.0.0: invalid version: unknown revision v1.0.0":                                      false,
		"go: example.com/m/sub@v1.1.0: 404 Not Found":                                                                 false,
	} {
		if got := c.Suspects(text, sums).Clones; slices.Contains(got, clone) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Whatever surrounds it, a path is found; and what is found is a valid version.
func FuzzPathsIn(f *testing.F) {
	f.Add("before ", " after")
	f.Add("x@v1", "/cache/download/@v/")
	f.Fuzz(func(t *testing.T, before, after string) {
		m := module.Version{Path: "example.com/m", Version: "v1.0.0"}
		got := PathsIn(before+" /c/mod/example.com/m@v1.0.0/x.go:1:1: "+after, "/c/mod")
		if !slices.Contains(got, m) {
			t.Errorf("not found between %q and %q", before, after)
		}
		for _, m := range got {
			if module.Check(m.Path, m.Version) != nil {
				t.Errorf("invalid: %v", m)
			}
		}
	})
}
