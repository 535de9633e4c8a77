package modproxy

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		path string
		want Item
	}{
		{"example.com/hello/@v/list", Item{Kind: List, Mod: module.Version{Path: "example.com/hello"}}},
		{"example.com/hello/@latest", Item{Kind: Latest, Mod: module.Version{Path: "example.com/hello"}}},
		{"github.com/%21big/!case/@v/v1.0.0-%21r%21c1.mod", Item{Kind: Mod, Mod: module.Version{Path: "github.com/Big/Case", Version: "v1.0.0-RC1"}}},
		{"example.com/hello/@v/main.info", Item{Kind: Info, Mod: module.Version{Path: "example.com/hello", Version: "main"}}},
		{"example.com/hello/@v/v2.0.0+incompatible.zip", Item{Kind: Zip, Mod: module.Version{Path: "example.com/hello", Version: "v2.0.0+incompatible"}}},
		{"golang.org/toolchain/@v/v0.0.1-go1.26.0.linux-amd64.zip", Item{Kind: Zip, Mod: module.Version{Path: "golang.org/toolchain", Version: "v0.0.1-go1.26.0.linux-amd64"}}},
		{"sumdb/sum.golang.org/supported", Item{Kind: Supported, DB: "sum.golang.org"}},
		{"sumdb/localhost:8080/p/latest", Item{Kind: SumLatest, DB: "localhost:8080/p"}},
		{"sumdb/sum.golang.org/lookup/example.com/!hello@v1.0.0", Item{Kind: Lookup, DB: "sum.golang.org", Mod: module.Version{Path: "example.com/Hello", Version: "v1.0.0"}}},
	} {
		got, err := Parse(tt.path)
		if err != nil || got != tt.want {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", tt.path, got, err, tt.want)
		}
	}
	tile, err := Parse("sumdb/sum.golang.org/tile/8/0/x001/234.p/17")
	if err != nil || tile.Tile.W != 17 || tile.DB != "sum.golang.org" {
		t.Errorf("tile: %+v, %v", tile, err)
	}
}

// TestParseRefuses: nothing but the protocol's own paths, as the protocol spells them.
func TestParseRefuses(t *testing.T) {
	for _, p := range []string{
		"", "/", "api", "robots.txt", "example.com/hello", "example.com/hello/@v/", "example.com/hello/@v/v1.0.0.exe",
		"../api/security/token", "%2e%2e/api/security/token", "..%2fapi/@v/list", "..",
		"example.com/../api/@v/list", "example.com/hello/@v/../../../api", "example.com/hello/@v/..%2f..%2fapi.info",
		"example.com//hello/@v/list", "/example.com/hello/@v/list", "example.com/hello/@v/list/", "example.com/./hello/@latest",
		"example.com/hello/@v/v1.0.0.zip?x", "example.com/hello/@v/v1.0.0.zip%00", "example.com/Hello/@v/list", "bad%zz",
		"sumdb/../api/supported", "sumdb/%2e%2e/%2e%2e/api/latest", "sumdb/x/../../api/supported", "sumdb//supported",
		"sumdb/supported", "sumdb/../../api/security/token", "sumdb/sum.golang.org/lookup/../../api@v1.0.0",
		"sumdb/sum.golang.org/lookup/example.com/hello", "sumdb/sum.golang.org/tile/8/0/../../x", "sumdb/a\\..\\b/supported",
		"sumdb/sum.golang.org/api", "sumdb/user@host/supported", "sumdb/host?q/supported", "sumdb/host%23f/supported",
	} {
		if it, err := Parse(p); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", p, it)
		}
	}
}

// FuzzParse: what is parsed builds the path that it was parsed from, and stays below
// the base, whatever the base is.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"example.com/hello/@v/list", "sumdb/x/../../api/supported", "sumdb/sum.golang.org/tile/8/0/001",
		"sumdb/h/lookup/example.com/!a@v1.0.0", "%2e%2e/x/@latest", "a.b/@v/main.info",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, escaped string) {
		it, err := Parse(escaped)
		if err != nil {
			return
		}
		p, err := it.Path()
		if err != nil {
			t.Fatal(err)
		}
		if plain, _ := url.PathUnescape(escaped); plain != p {
			t.Fatalf("%q became %q", escaped, p)
		}
		base, _ := url.Parse("https://proxy.example/base")
		target := URL(base, it)
		if !strings.HasPrefix(target.EscapedPath(), "/base/") || target.Host != base.Host {
			t.Fatalf("%q leads to %s", escaped, target)
		}
		if clean := base.JoinPath(target.EscapedPath()[len("/base/"):]).EscapedPath(); clean != target.EscapedPath() {
			t.Fatalf("%q leads to %s, which is %s", escaped, target.EscapedPath(), clean)
		}
		if again, err := Parse(strings.TrimPrefix(target.EscapedPath(), "/base/")); err != nil || again != it {
			t.Fatalf("%q, spelled %s, reads %+v, %v", escaped, target, again, err)
		}
	})
}
