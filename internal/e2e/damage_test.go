package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// The module whose copy in the cache is damaged: packages, a program, files that
// are embedded.
var depFiles = map[string]string{
	"go.mod":              "module example.com/dep\n\ngo 1.24\n",
	"dep.go":              "package dep\n\nfunc F() int { return g() }\n",
	"g.go":                "package dep\n\nfunc g() int { return 3 }\n",
	"sub/sub.go":          "package sub\n\nconst S = 4\n",
	"text/text.go":        "package text\n\nimport _ \"embed\"\n\n//go:embed text.txt\nvar Text string\n",
	"text/text.txt":       "embedded",
	"cmd/say/say.go":      "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"said\", word()) }\n",
	"cmd/say/word.go":     "package main\n\nfunc word() string { return \"word\" }\n",
	"internal/x/x.go":     "package x\n",
	"testdata/large.text": strings.Repeat("text that compresses well\n", 2000),
}

var mainFiles = map[string]string{
	"go.mod": "module example.com/main\n\ngo 1.24\n\nrequire example.com/dep v1.0.0\n\ntool example.com/dep/cmd/say\n",
	"main.go": `package main

import (
	"fmt"

	"example.com/dep"
	"example.com/dep/sub"
	"example.com/dep/text"
)

//go:generate go run example.com/dep/cmd/say

func main() { fmt.Println(dep.F()+sub.S, text.Text) }
`,
	"main_test.go": "package main\n\nimport \"testing\"\n\nfunc TestMain(t *testing.T) { main() }\n",
}

// A depWorld is a project, its proxy, and a whole module cache to make copies of.
type depWorld struct {
	proxy *faultproxy.Proxy
	sumdb string
	dir   string // the project
	cache string // the whole cache
}

func newDepWorld(t *testing.T) *depWorld {
	t.Helper()
	store := faultproxy.NewStore()
	if err := store.Add("example.com/dep", "v1.0.0", depFiles); err != nil {
		t.Fatal(err)
	}
	sum, err := store.Sum("example.com/dep", "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	// A second witness, where the cache's own is wrong too.
	db, err := store.SumDB("sum.example.test")
	if err != nil {
		t.Fatal(err)
	}
	w := &depWorld{sumdb: db.Key, proxy: modtest.Proxy(t, faultproxy.Config{Content: store}), dir: modtest.Files(t, mainFiles)}
	write(t, filepath.Join(w.dir, "go.sum"), sum)
	env := w.env(t)
	w.cache = modtest.Getenv(env, "GOMODCACHE")
	if r := modtest.Run(t, w.dir, env, modtest.RealGo(t), "mod", "download"); r.Code != 0 {
		t.Fatal(r)
	}
	return w
}

func (w *depWorld) env(t *testing.T, extra ...string) []string {
	env := modtest.Env(t, append([]string{"GOPROXY=" + w.proxy.URL(), "GOSUMDB=" + w.sumdb, "GOSTEADY_RETRY_WAITS=20ms"}, extra...)...)
	return append(env, "PATH="+bin+string(filepath.ListSeparator)+modtest.Getenv(env, "PATH"))
}

// copied is an environment with a copy of the cache, damaged.
func (w *depWorld) copied(t *testing.T, damage func(depCache)) []string {
	t.Helper()
	env := w.env(t)
	c := depCache{t, modtest.Getenv(env, "GOMODCACHE")}
	if err := os.CopyFS(c.root, os.DirFS(w.cache)); err != nil {
		t.Fatal(err)
	}
	damage(c)
	return env
}

// A depCache is a module cache in which dep can be damaged.
type depCache struct {
	t    *testing.T
	root string
}

// file is a file of dep's in the download cache, by its extension.
func (c depCache) file(ext string) string {
	return filepath.Join(c.root, "cache", "download", "example.com", "dep", "@v", "v1.0.0"+ext)
}

// dir is the extracted module, or something in it.
func (c depCache) dir(rel string) string {
	return filepath.Join(c.root, "example.com", "dep@v1.0.0", filepath.FromSlash(rel))
}

func (c depCache) write(file, text string) { c.t.Helper(); write(c.t, file, text) }

func (c depCache) cut(file string) {
	c.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(file, string(data[:len(data)/2]))
}

func (c depCache) remove(path string) {
	c.t.Helper()
	if err := os.RemoveAll(path); err != nil {
		c.t.Fatal(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

const portalPage = "<!DOCTYPE html>\n<html><body>Please sign in</body></html>\n"

// damages are the ways in which a module in the cache can be damaged. Those that
// are hidden do not keep plain go from building.
var damages = []struct {
	name   string
	hidden bool
	do     func(c depCache)
}{
	{"zip cut", false, func(c depCache) { c.cut(c.file(".zip")); c.remove(c.dir("")) }},
	{"zip empty", false, func(c depCache) { c.write(c.file(".zip"), ""); c.remove(c.dir("")) }},
	{"zip garbage", false, func(c depCache) { c.write(c.file(".zip"), portalPage); c.remove(c.dir("")) }},
	{"zip garbage, directory there", true, func(c depCache) { c.write(c.file(".zip"), portalPage) }},
	{"ziphash wrong", false, func(c depCache) { c.write(c.file(".ziphash"), "h1:"+strings.Repeat("A", 43)+"=") }},
	{"zip and ziphash wrong", false, func(c depCache) {
		c.cut(c.file(".zip"))
		c.write(c.file(".ziphash"), "h1:"+strings.Repeat("A", 43)+"=")
		c.remove(c.dir(""))
	}},
	{"ziphash cut", true, func(c depCache) { c.cut(c.file(".ziphash")) }},
	{"mod empty", false, func(c depCache) { c.write(c.file(".mod"), "") }},
	{"mod a page", false, func(c depCache) { c.write(c.file(".mod"), portalPage) }},
	{"mod cut", false, func(c depCache) { c.cut(c.file(".mod")) }},
	{"info garbage", true, func(c depCache) { c.write(c.file(".info"), "{") }},
	{"partial left behind", true, func(c depCache) { c.write(c.file(".partial"), ""); c.remove(c.dir("dep.go")) }},
	{"lock left behind", true, func(c depCache) { c.write(c.file(".lock"), "stale") }},
	{"directory empty", false, func(c depCache) { c.remove(c.dir("")); os.Mkdir(c.dir(""), 0o777) }},
	{"package missing", false, func(c depCache) { c.remove(c.dir("sub")) }},
	{"files of a package missing", false, func(c depCache) { c.remove(c.dir("sub/sub.go")) }},
	{"file missing", false, func(c depCache) { c.remove(c.dir("g.go")) }},
	{"file empty", false, func(c depCache) { c.write(c.dir("sub/sub.go"), "") }},
	{"file of zeros", false, func(c depCache) { c.write(c.dir("g.go"), strings.Repeat("\x00", 40)) }},
	{"file cut", false, func(c depCache) { c.cut(c.dir("dep.go")) }},
	{"file changed", false, func(c depCache) { c.write(c.dir("g.go"), "package dep\n\nfunc g() int { return nothing }\n") }},
	{"file too many", false, func(c depCache) { c.write(c.dir("other.go"), "package other\n") }},
	{"no file of the first package", false, func(c depCache) { c.remove(c.dir("g.go")); c.remove(c.dir("dep.go")) }},
	{"embedded file missing", false, func(c depCache) { c.remove(c.dir("text/text.txt")) }},
	{"go.mod missing", true, func(c depCache) { c.remove(c.dir("go.mod")) }},
}

// TestDamage: what plain go fails at is mended, by the same command, also after
// plain go has indexed the damage; what it does not mind is left to it.
func TestDamage(t *testing.T) {
	t.Parallel()
	w := newDepWorld(t)
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			env := w.copied(t, d.do)
			args := []string{"build", "-o", os.DevNull, "."}
			plain := modtest.Run(t, w.dir, env, modtest.RealGo(t), args...)
			if d.hidden != (plain.Code == 0) {
				t.Fatalf("plain go: exit status %d\n%s", plain.Code, plain.Stderr)
			}
			got := modtest.Run(t, w.dir, env, steadyGo(), args...)
			if got.Code != 0 || d.hidden != (got.Stderr == "") || got.Stderr != "" && !onlyHealed(got.Stderr) {
				t.Fatalf("exit status %d, plain go said\n%s\nnow\n%s", got.Code, plain.Stderr, got.Stderr)
			}
			if d.hidden {
				return
			}
			verify := modtest.Run(t, w.dir, append(env, "GOPROXY=off"), modtest.RealGo(t), "mod", "verify")
			if verify.Code != 0 {
				t.Error(verify)
			}
		})
	}
}

// onlyHealed reports whether all that was said is news, and that something was
// healed.
func onlyHealed(stderr string) bool {
	for line := range strings.Lines(stderr) {
		news := strings.HasPrefix(line, "go: downloading ") || strings.HasPrefix(line, "go: finding ")
		ours := strings.HasPrefix(line, "gosteady: healed ") || strings.Contains(line, " was changed in the module cache ")
		if !news && !ours {
			return false
		}
	}
	return strings.Contains(stderr, "gosteady: healed ")
}

// TestDamageByCommand meets damage with every command that loads packages, the
// user's code included: it runs once, with the output that it always has.
func TestDamageByCommand(t *testing.T) {
	modtest.Slow(t, "builds for each of 36 commands")
	t.Parallel()
	w := newDepWorld(t)
	commands := []struct{ args, stdout string }{
		{"run .", "7 embedded\n"},
		{"test .", "ok  \texample.com/main\t"},
		{"vet .", ""},
		{"list -deps -f {{if.Module}}{{.ImportPath}}{{end}} .", "example.com/dep\nexample.com/dep/sub\nexample.com/dep/text\nexample.com/main\n"},
		{"tool say", "said word\n"},
		{"generate .", "said word\n"},
		{"mod tidy", ""},
		{"mod vendor -o vendored", ""},
		{"install example.com/dep/cmd/say", ""},
		{"install example.com/dep/cmd/say@v1.0.0", ""},
		{"run example.com/dep/cmd/say@v1.0.0", "said word\n"},
		{"get example.com/dep@v1.0.0", ""},
	}
	for _, d := range damages {
		switch d.name {
		case "zip cut", "mod empty", "file missing":
		default:
			continue
		}
		for _, c := range commands {
			t.Run(c.args+", "+d.name, func(t *testing.T) {
				t.Parallel()
				got := modtest.Run(t, w.dir, w.copied(t, d.do), steadyGo(), strings.Fields(c.args)...)
				if got.Code != 0 || !strings.HasPrefix(got.Stdout, c.stdout) || got.Stderr != "" && !onlyHealed(got.Stderr) {
					t.Errorf("%+v", got)
				}
			})
		}
	}
}

// TestTwentyOnDamage: twenty commands on one damaged cache, side by side, compile
// the modules that are being mended.
func TestTwentyOnDamage(t *testing.T) {
	modtest.Slow(t, "forty commands")
	t.Parallel()
	w := newDepWorld(t)
	for _, d := range damages {
		switch d.name {
		case "zip and ziphash wrong", "file of zeros":
		default:
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			env := w.copied(t, d.do)
			var wg sync.WaitGroup
			for i := range 20 {
				args := strings.Fields([]string{"build -o " + os.DevNull + " .", "run .", "vet .", "test ."}[i%4])
				wg.Go(func() {
					if got := modtest.Run(t, w.dir, env, steadyGo(), args...); got.Code != 0 {
						t.Errorf("go %v: %+v", args, got)
					}
				})
			}
			wg.Wait()
			if r := modtest.Run(t, w.dir, append(env, "GOPROXY=off"), modtest.RealGo(t), "mod", "verify"); r.Code != 0 {
				t.Error(r)
			}
		})
	}
}

// TestHostileGoSum: a go.sum that contradicts a good cache ends every command with
// go's own error, and changes no byte of the cache, which others share.
func TestHostileGoSum(t *testing.T) {
	t.Parallel()
	w := newDepWorld(t)
	zero := "h1:" + strings.Repeat("A", 43) + "="
	write(t, filepath.Join(w.dir, "go.sum"), "example.com/dep v1.0.0 "+zero+"\nexample.com/dep v1.0.0/go.mod "+zero+"\n")
	env := w.copied(t, func(depCache) {})
	before := contents(t, env)
	for _, command := range []string{"build .", "mod download", "test .", "run .", "list -deps .", "vet .", "mod verify", "mod tidy", "steady repair"} {
		args := strings.Fields(command)
		got := modtest.Run(t, w.dir, env, steadyGo(), args...)
		if args[0] == "steady" {
			continue // whatever it says
		}
		plain := modtest.Run(t, w.dir, env, modtest.RealGo(t), args...)
		if got.Code == 0 || plain.Code != got.Code || plain.Stderr != got.Stderr {
			t.Errorf("go %s: %+v, plain go %+v", command, got, plain)
		}
	}
	after := contents(t, env)
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s has changed", name)
		}
	}
	if sum, _ := os.ReadFile(filepath.Join(w.dir, "go.sum")); strings.Count(string(sum), zero) != 2 {
		t.Errorf("go.sum has changed: %s", sum)
	}
}

// contents are the files of a module cache.
func contents(t *testing.T, env []string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(modtest.Getenv(env, "GOMODCACHE"), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
