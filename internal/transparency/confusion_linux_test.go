package transparency

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// Dependency confusion: a name that one proxy of a list was asked for must not
// reach another that plain go would not have asked. A is a company's proxy, B a
// public one which also has newer versions of the company's modules.

// lists are the values of GOPROXY that are tried; A and B stand for the proxies.
var lists = []string{"A", "A,B", "A|B", "B,A", "A,off", "A,B,off", "A|off", "B|A", "A,FILE"}

// troubles are what happens to A.
var troubles = []string{
	"",
	"** status=404",
	"** status=410",
	"** status=500",
	"** status=403",
	"** status=401",
	"**/@v/list status=404\n**/@latest status=404",
	"**/@v/list status=500",
	"**/@latest status=503",
	"**.info status=404",
	"** first=2 status=500",
	"** html",
	"** reset after=0",
	"refuse",
}

// queries are commands that ask for what go.sum does not name.
var queries = [][]string{
	{"get", "example.com/corp/a"},
	{"get", "example.com/corp/a@latest"},
	{"get", "example.com/corp/a@v1"},
	{"get", "example.com/corp/a@<v1.2.0"},
	{"get", "example.com/corp/a@upgrade"},
	{"get", "example.com/corp/a@master"},
	{"get", "example.com/corp/a/deep/er"},
	{"get", "example.com/corp/none/deep"},
	{"get", "example.com/public"},
	{"get", "-u", "./..."},
	{"get", "-u=patch", "./..."},
	{"list", "-m", "-u", "all"},
	{"list", "-m", "-u", "-retracted", "-json=Path,Version,Update,Retracted,Error", "all"},
	{"list", "-m", "-versions", "example.com/corp/a", "example.com/public"},
	{"list", "-m", "-retracted", "-versions", "example.com/retracted"},
	{"list", "-m", "example.com/corp/a@v1.0"},
	{"list", "-m", "example.com/retracted@latest"},
	{"list", "-e", "-deps", "-f", "{{.ImportPath}}", "./missing"},
	{"list", "-mod=mod", "-deps", "-f", "{{.ImportPath}}", "./missing"},
	{"mod", "tidy"},
	{"mod", "download", "example.com/corp/a@v1.1.0", "example.com/public@latest"},
	{"mod", "download", "-json"},
	{"mod", "graph"},
	{"mod", "why", "-m", "example.com/public"},
	{"run", "example.com/public/cmd@latest"},
	{"install", "example.com/corp/a/cmd@latest"},
	{"build", "-mod=mod", "./missing"},
	{"vet", "./..."},
}

// A contest is one world with two proxies.
type contest struct {
	*world
	a, b *faultproxy.Proxy
}

func newContest(t *testing.T, s side, list, trouble string) *contest {
	t.Helper()
	c := &contest{world: newWorld(t, s, "")}
	rules := trouble
	if trouble == "refuse" {
		rules = ""
	}
	c.a = modtest.Proxy(t, faultproxy.Config{Content: shop(t, "v1.0.0", "v1.1.0"), Rules: rules})
	c.b = modtest.Proxy(t, faultproxy.Config{Content: shop(t, "v1.0.0", "v1.1.0", "v1.2.0", "v9.0.0")})
	if trouble == "refuse" {
		c.a.Refuse()
	}
	list = strings.NewReplacer("A", c.a.URL(), "B", c.b.URL(), "FILE", "file:///nowhere").Replace(list)
	c.env = append(c.env, "GOPROXY="+list, "GOFLAGS=-modcacherw", "GOSTEADY_RETRY_WAITS=1ms,1ms,1ms,1ms")
	os.RemoveAll(c.dir)
	for name, text := range map[string]string{
		"go.mod":            "module example.com/main\n\ngo 1.21\n\nrequire (\n\texample.com/corp/a v1.0.0\n\texample.com/retracted v1.0.0\n)\n",
		"go.sum":            sums(t, shop(t, "v1.0.0"), "example.com/corp/a", "example.com/retracted"),
		"main.go":           "package main\n\nimport _ \"example.com/corp/a\"\nimport _ \"example.com/retracted\"\n\nfunc main() {}\n",
		"missing/needed.go": "package missing\n\nimport _ \"example.com/corp/missing/pkg\"\n",
	} {
		c.write(name, text)
	}
	return c
}

// shop has the modules of a proxy, those of the company in these versions.
func shop(t *testing.T, corp ...string) *faultproxy.Store {
	t.Helper()
	store := faultproxy.NewStore()
	add := func(path, version string, files map[string]string) {
		if err := store.Add(path, version, files); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range corp {
		if strings.HasPrefix(v, "v9") {
			continue // not a version that its path allows
		}
		add("example.com/corp/a", v, map[string]string{"a.go": "package a\n", "deep/er/e.go": "package er\n", "cmd/main.go": "package main\n\nfunc main() {}\n"})
		add("example.com/public", v, map[string]string{"p.go": "package public\n", "cmd/main.go": "package main\n\nfunc main() {}\n"})
	}
	add("example.com/retracted", "v1.0.0", map[string]string{"r.go": "package retracted\n"})
	add("example.com/retracted", "v1.1.0", map[string]string{"r.go": "package retracted\n"})
	add("example.com/retracted", "v1.2.0", map[string]string{
		"go.mod": "module example.com/retracted\n\ngo 1.21\n\nretract [v1.1.0, v1.2.0] // broken\n", "r.go": "package retracted\n",
	})
	return store
}

func sums(t *testing.T, store *faultproxy.Store, paths ...string) string {
	text := ""
	for _, path := range paths {
		lines, err := store.Sum(path, "v1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		text += lines
	}
	return text
}

// disclosed returns which versions, or lists of versions, of which modules each
// proxy was asked for, as a set. Which files of a version is all the same.
func (c *contest) disclosed() map[string]bool {
	set := map[string]bool{}
	for name, p := range map[string]*faultproxy.Proxy{"A": c.a, "B": c.b} {
		for _, r := range p.Requests() {
			if ext := path.Ext(r.Path); ext == ".info" || ext == ".mod" || ext == ".zip" {
				r.Path = strings.TrimSuffix(r.Path, ext)
			}
			set[name+" "+r.Path] = true
		}
	}
	return set
}

// TestConfusion compares who is asked for what, and the result where nothing was
// healed.
func TestConfusion(t *testing.T) {
	for i, list := range lists {
		for j, trouble := range troubles {
			for k, args := range queries {
				if !long() && (i*5+j*3+k)%67 != 0 {
					continue
				}
				t.Run(fmt.Sprintf("%s %q %s", list, trouble, strings.Join(args, " ")), func(t *testing.T) {
					t.Parallel()
					compete(t, list, trouble, args)
				})
			}
		}
	}
}

func compete(t *testing.T, list, trouble string, args []string) {
	want, asked := ask(t, plain, list, trouble, args)
	got, more := ask(t, steady, list, trouble, args)
	if want.status != 0 && (trouble != "" && got.status == 0 || want != got) {
		// Something was healed, so gosteady came further: as far as plain go comes
		// when A is well, or, where A's failures are passed over, when it is broken.
		asked = union(asked, disclosedTo(t, list, "", args))
		if strings.Contains(list, "|") {
			asked = union(asked, disclosedTo(t, list, "** status=500", args))
		}
	}
	// go asks several things at once and stops at the first failure: what it has
	// asked by then is chance.
	for range 5 {
		if subset(more, asked) || want.status == 0 {
			break
		}
		asked = union(asked, disclosedTo(t, list, trouble, args))
	}
	for request := range more {
		if !asked[request] {
			t.Errorf("only gosteady asks %s; plain go asks %v", request, slices.Sorted(maps.Keys(asked)))
		}
	}
	if want.status == 0 && (got.status != 0 || got.stdout != want.stdout) || want.status != 0 && got.status != 0 && got.status != want.status {
		t.Errorf("plain go: %v\n\ngosteady: %v\n%s", want, got, firstDifference(want, got))
	}
}

func ask(t *testing.T, s side, list, trouble string, args []string) (outcome, map[string]bool) {
	t.Helper()
	c := newContest(t, s, list, trouble)
	o := c.gocmd(args...)
	o.stdout += c.read("main", "go.mod") + c.read("main", "go.sum")
	o.stderr = strings.NewReplacer(c.a.Addr(), "$A", c.b.Addr(), "$B").Replace(withoutDownloads(o.stderr))
	return o, c.disclosed()
}

func disclosedTo(t *testing.T, list, trouble string, args []string) map[string]bool {
	_, asked := ask(t, plain, list, trouble, args)
	return asked
}

func subset(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}

func union(a, b map[string]bool) map[string]bool {
	both := maps.Clone(a)
	maps.Copy(both, b)
	return both
}
