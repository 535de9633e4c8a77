package modproxy

import (
	"net/url"
	"testing"

	"golang.org/x/mod/module"
)

func TestParseItem(t *testing.T) {
	for _, tt := range []struct {
		path  string
		kind  Kind
		mod   module.Version
		db    string
		exact bool
	}{
		{"example.com/%21hello/@v/v1.0.0.zip", Zip, module.Version{Path: "example.com/Hello", Version: "v1.0.0"}, "", true},
		{"example.com/hello/@v/v1.0.0+incompatible.info", Info, module.Version{Path: hello, Version: "v1.0.0+incompatible"}, "", true},
		{"example.com/hello/@v/v2.0.0+incompatible.mod", Mod, module.Version{Path: hello, Version: "v2.0.0+incompatible"}, "", true},
		{"example.com/hello/@v/master.info", Info, module.Version{Path: hello, Version: "master"}, "", false},
		{"example.com/hello/@v/list", List, module.Version{Path: hello}, "", false},
		{"example.com/hello/@latest", Latest, module.Version{Path: hello}, "", false},
		{"example.com/hello/@v/v1.0.0.exe", "", module.Version{}, "", false},
		{"sumdb/sum.golang.org/supported", Supported, module.Version{}, "sum.golang.org", false},
		{"sumdb/sum.golang.org/lookup/example.com/%21hello@v1.0.0", Lookup, module.Version{Path: "example.com/Hello", Version: "v1.0.0"}, "sum.golang.org", false},
		{"sumdb/example.com/db/tile/8/0/x001/234", Tile, module.Version{}, "example.com/db", false},
		{"sumdb/sum.golang.org/latest", SumLatest, module.Version{}, "sum.golang.org", false},
		{"robots.txt", "", module.Version{}, "", false},
		{"bad%zz", "", module.Version{}, "", false},
	} {
		it, err := Parse(tt.path)
		if it.Kind != tt.kind || it.Mod != tt.mod || it.DB != tt.db || it.Exact() != tt.exact || (err == nil) != (tt.kind != "") {
			t.Errorf("%s: %+v exact=%v, %v", tt.path, it, it.Exact(), err)
		}
	}
}

// FuzzItem: what is asked of an upstream is what go asked for, whatever
// it is, and a version's item leads back to the version.
func FuzzItem(f *testing.F) {
	f.Add("example.com/%21hello/@v/v1.0.0.zip")
	f.Add("sumdb/sum.golang.org/lookup/a.b/c@v1.0.0")
	f.Fuzz(func(t *testing.T, path string) {
		it, err := Parse(path)
		if err != nil || !it.Exact() {
			return
		}
		below, err := Item{Kind: it.Kind, Mod: it.Mod}.Path()
		if unescaped, _ := url.PathUnescape(path); err != nil || below != unescaped {
			t.Errorf("%q: %+v, again %q", path, it, below)
		}
	})
}

func TestJoin(t *testing.T) {
	for _, tt := range []struct{ base, path, want string }{
		{"https://proxy.example", "example.com/%21hello/@v/list", "https://proxy.example/example.com/%21hello/@v/list"},
		{"https://proxy.example/a/", "example.com/hello/@v/list", "https://proxy.example/a/example.com/hello/@v/list"},
		{"https://proxy.example/a//b", "example.com/hello/@v/list", "https://proxy.example/a/b/example.com/hello/@v/list"},
		{"https://u:p@proxy.example/?q=1", "example.com/hello/@v/list", "https://u:p@proxy.example/example.com/hello/@v/list?q=1"},
		{"https://proxy.example/a//b", "sumdb/sum.golang.org/supported", "https://proxy.example/a//b/sumdb/sum.golang.org/supported"},
	} {
		base, err := url.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		it, err := Parse(tt.path)
		if got := URL(base, it).String(); err != nil || got != tt.want {
			t.Errorf("%s + %s = %s, want %s (%v)", tt.base, tt.path, got, tt.want, err)
		}
	}
}
