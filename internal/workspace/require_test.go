package workspace

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
)

func TestRequirements(t *testing.T) {
	for _, tt := range []struct{ name, archive, dir, want string }{
		{"plain", "-- go.mod --\nmodule m\nrequire (\n a.example/x v1.0.0\n b.example/y v0.2.0 // indirect\n)\n", ".",
			"a.example/x@v1.0.0 b.example/y@v0.2.0"},
		{"the highest of one path", "-- go.mod --\nmodule m\nrequire a.example/x v1.9.0\nrequire a.example/x v1.10.0\nrequire a.example/x v1.2.0\n", ".",
			"a.example/x@v1.10.0"},
		{"excluded", "-- go.mod --\nmodule m\nrequire a.example/x v1.0.0\nrequire b.example/y v1.0.0\nexclude a.example/x v1.0.0\n", ".",
			"b.example/y@v1.0.0"},
		{"replaced", `-- go.mod --
module m
require (
	a.example/x v1.0.0
	b.example/y v1.0.0
	c.example/z v1.0.0
	d.example/d v1.0.0
)
replace a.example/x => fork.example/x v1.0.1
replace b.example/y v1.0.0 => b.example/y v1.5.0
replace b.example/y => ./y
replace c.example/z v1.9.0 => c.example/z v1.9.1
replace d.example/d => ../d
`, ".", "fork.example/x@v1.0.1 b.example/y@v1.5.0 c.example/z@v1.0.0"},
		{"two replaced by one", "-- go.mod --\nmodule m\nrequire a.example/x v1.0.0\nrequire b.example/y v1.0.0\nreplace a.example/x => fork.example/z v1.0.1\nreplace b.example/y => fork.example/z v1.0.1\n", ".",
			"fork.example/z@v1.0.1"},
		{"not canonical", "-- go.mod --\nmodule m\nrequire a.example/x master\nrequire b.example/y v1\nrequire b.example/y/v3 latest\nrequire gopkg.in/y.v2 latest\nrequire c.example/z v2.0.0+incompatible\n", ".",
			"c.example/z@v2.0.0+incompatible"},
		{"none", "-- go.mod --\nmodule m\n", ".", ""},
		{"outside", "-- x/go.mod --\nmodule m\n", ".", ""},
		{"workspace", `-- go.work --
go 1.24
use (
	./one
	./two
)
replace a.example/x => work.example/x v1.0.0
-- one/go.mod --
module example.com/one
require a.example/x v1.0.0
require b.example/y v1.0.0
require example.com/two v1.0.0
replace a.example/x => other.example/x v1.0.0
-- two/go.mod --
module example.com/two
require b.example/y v1.2.0
require c.example/z v1.0.0
exclude c.example/z v1.0.0
`, "one", "work.example/x@v1.0.0 b.example/y@v1.2.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, err := Find(filepath.Join(tree(t, tt.archive), tt.dir), goenv.Read(nil, ""), "")
			if err != nil {
				t.Fatal(err)
			}
			list, err := w.Requirements()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Trim(fmt.Sprint(list), "[]"); got != tt.want {
				t.Errorf("Requirements = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRequirementsPartly(t *testing.T) {
	root := tree(t, "-- go.work --\ngo 1.24\nuse ./one\nuse ./broken\nuse ./gone\n-- one/go.mod --\nmodule one\nrequire a.example/x v1.0.0\n-- broken/go.mod --\nmodule (\n")
	w, err := Find(root, goenv.Read(nil, ""), "")
	if err != nil {
		t.Fatal(err)
	}
	list, err := w.Requirements()
	if err == nil || len(list) != 1 {
		t.Errorf("Requirements = %v, %v; want one and an error", list, err)
	}
}

func TestSumFiles(t *testing.T) {
	root := tree(t, layout)
	for _, tt := range []struct {
		dir, modfile string
		sums, mods   []string
	}{
		{"m/a", "", []string{"m/go.sum"}, []string{"m/go.mod"}},
		{"m", "alt.mod", []string{"m/alt.sum"}, []string{"m/alt.mod"}},
		{"w/one", "", []string{"w/go.work.sum", "w/one/go.sum", "w/two/go.sum"}, []string{"w/one/go.mod", "w/two/go.mod"}},
		{".", "", nil, nil},
	} {
		w, err := Find(filepath.Join(root, tt.dir), goenv.Read(nil, ""), tt.modfile)
		if err != nil {
			t.Fatal(err)
		}
		if got := below(root, w.SumFiles()); !slices.Equal(got, tt.sums) {
			t.Errorf("%s: SumFiles = %q, want %q", tt.dir, got, tt.sums)
		}
		if got := below(root, w.ModFiles()); !slices.Equal(got, tt.mods) {
			t.Errorf("%s: ModFiles = %q, want %q", tt.dir, got, tt.mods)
		}
	}
}

func below(root string, files []string) []string {
	var rel []string
	for _, f := range files {
		r, err := filepath.Rel(root, f)
		if err != nil {
			r = f
		}
		rel = append(rel, filepath.ToSlash(r))
	}
	return rel
}

func TestLocal(t *testing.T) {
	root := tree(t, `-- one/go.mod --
module example.com/one
replace a.example/x => ../x
replace b.example/y => b.example/z v1.0.0
-- two/go.mod --
module example.com/two
-- w/go.work --
go 1.24
use ../one
use ../two
use ../broken
replace a.example/x => ./x
-- broken/go.mod --
module (
`)
	for _, tt := range []struct{ dir, want string }{
		{"one", "map[a.example/x:x example.com/one:one]"},
		{"w", "map[a.example/x:w/x example.com/one:one example.com/two:two]"},
	} {
		w, err := Find(filepath.Join(root, tt.dir), goenv.Read(nil, ""), "")
		if err != nil {
			t.Fatal(err)
		}
		local := w.Local()
		for path, dir := range local {
			local[path] = below(root, []string{dir})[0]
		}
		if got := fmt.Sprint(local); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.dir, got, tt.want)
		}
	}
}
