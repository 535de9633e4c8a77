package modcache

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/gosum"
	"golang.org/x/mod/module"
)

// The modules of the tests. dep needs low; old has no go.mod; Upper has a name
// that is escaped.
var (
	dep   = module.Version{Path: "example.com/dep", Version: "v1.2.0"}
	low   = module.Version{Path: "example.com/low", Version: "v1.0.0"}
	old   = module.Version{Path: "example.com/old", Version: "v1.5.0+incompatible"}
	upper = module.Version{Path: "example.com/Upper", Version: "v0.1.0"}
)

var content = map[module.Version]map[string]string{
	dep: {
		"go.mod":        "module example.com/dep\n\ngo 1.21\n\nrequire example.com/low v1.0.0\n",
		"dep.go":        "package dep\n\nimport \"example.com/low\"\n\nfunc F() int { return low.N }\n",
		"sub/sub.go":    "package sub\n\nconst S = 3\n",
		"sub/more.go":   "package sub\n\nconst T = 4\n",
		"sub/x/x.go":    "package x\n\nconst X = 5\n",
		"testdata/a.in": strings.Repeat("some text that compresses well\n", 4000),
	},
	low:   {"go.mod": "module example.com/low\n\ngo 1.21\n", "low.go": "package low\n\nconst N = 7\n"},
	old:   {"old.go": "package old\n\nconst O = 1\n"},
	upper: {"go.mod": "module example.com/Upper\n\ngo 1.21\n", "u.go": "package upper\n\nconst U = 2\n"},
}

const mainGo = `package main

import (
	"example.com/Upper"
	"example.com/dep"
	"example.com/dep/sub"
	"example.com/dep/sub/x"
	"example.com/old"
)

func main() { println(dep.F() + sub.S + sub.T + x.X + old.O + upper.U) }
`

// A world is a project with a warm module cache of its own, and the proxy and
// checksum database that it came from. Everything in it is real.
type world struct {
	testing.TB
	store *faultproxy.Store
	proxy *faultproxy.Proxy
	db    *faultproxy.SumDB
	dir   string // the project
	cache *Cache
	sums  *gosum.Sums
	env   []string
}

func freshWorld(t testing.TB) *world {
	t.Helper()
	w := emptyWorld(t)
	w.write("go.mod", "module example.com/main\n\ngo 1.21\n\nrequire (\n\t"+strings.Join(w.requirements(), "\n\t")+"\n)\n")
	w.write("main.go", mainGo)
	w.must("mod", "tidy")
	w.must("mod", "download")
	sums, err := gosum.ReadFiles(filepath.Join(w.dir, "go.sum"))
	w.check(err)
	w.sums = sums
	return w
}

// newWorld is freshWorld by copying one that was made before, which saves two go
// commands. The store and the database are shared: they must not be changed.
func newWorld(t testing.TB) *world {
	t.Helper()
	template.once.Do(func() {
		w := freshWorld(t)
		template.store, template.db = w.store, w.db
		template.dir, template.files = map[string]string{}, map[string]string{}
		for _, name := range []string{"go.mod", "go.sum", "main.go"} {
			template.dir[name] = w.read(filepath.Join(w.dir, name))
		}
		for name, text := range w.snapshot() {
			rel, err := filepath.Rel(w.cache.Dir, name)
			w.check(err)
			template.files[rel] = text
		}
	})
	w := worldWith(t, template.store, template.db)
	for name, text := range template.dir {
		w.write(name, text)
	}
	for name, text := range template.files {
		w.check(os.MkdirAll(filepath.Join(w.cache.Dir, filepath.Dir(name)), 0o777))
		w.check(os.WriteFile(filepath.Join(w.cache.Dir, name), []byte(text), 0o666))
	}
	w.asExtracted()
	sums, err := gosum.ReadFiles(filepath.Join(w.dir, "go.sum"))
	w.check(err)
	w.sums = sums
	return w
}

var template struct {
	once       sync.Once
	store      *faultproxy.Store
	db         *faultproxy.SumDB
	dir, files map[string]string
}

// asExtracted gives what was copied the modes that go gives it.
func (w *world) asExtracted() {
	w.Helper()
	for m := range content {
		w.check(filepath.WalkDir(w.moduleDir(m), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				err = os.Chmod(path, 0o444)
			}
			return err
		}))
		makeReadOnly(w.moduleDir(m))
	}
}

func emptyWorld(t testing.TB) *world {
	t.Helper()
	store := faultproxy.NewStore()
	for m, files := range content {
		if err := store.Add(m.Path, m.Version, files); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.SumDB("sum.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return worldWith(t, store, db)
}

func worldWith(t testing.TB, store *faultproxy.Store, db *faultproxy.SumDB) *world {
	t.Helper()
	w := &world{TB: t, store: store, db: db, dir: t.TempDir()}
	var err error
	w.proxy, err = faultproxy.Start(faultproxy.Config{Content: w.store})
	w.check(err)
	t.Cleanup(func() { w.proxy.Close() })
	w.cache = &Cache{Dir: filepath.Join(t.TempDir(), "mod"), Workers: 2}
	t.Cleanup(func() { removeAll(w.cache.Dir) })
	w.cache.Index = Index{Dir: goSetting("GOCACHE"), Versions: w.cache.GoVersions(goSetting("GOROOT"))}
	w.env = append(os.Environ(),
		"GOPATH="+t.TempDir(), "GOMODCACHE="+w.cache.Dir, "GOCACHE="+w.cache.Index.Dir,
		"GOPROXY="+w.proxy.URL(), "GOSUMDB="+w.db.Key+" "+w.proxy.URL()+"/sumdb/sum.example.com",
		"GOTOOLCHAIN=local", "GOENV=off", "GOFLAGS=", "GOWORK=off", "GO111MODULE=", "GONOSUMDB=", "GOPRIVATE=", "GONOPROXY=", "GOVCS=", "GODEBUG=", "GOCACHEPROG=")
	return w
}

func (w *world) requirements() []string {
	return []string{dep.Path + " " + dep.Version, low.Path + " " + low.Version, old.Path + " " + old.Version, upper.Path + " " + upper.Version}
}

func (w *world) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(name, text string) {
	w.Helper()
	w.check(os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o666))
}

// goCommand runs plain go in the project. env comes last and so wins.
func (w *world) goCommand(env []string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = w.dir
	cmd.Env = append(append(w.env[:len(w.env):len(w.env)], "PWD="+w.dir), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (w *world) must(args ...string) string {
	w.Helper()
	out, err := w.goCommand(nil, args...)
	if err != nil {
		w.Fatalf("go %v: %v\n%s", args, err, out)
	}
	return out
}

// offline is the environment in which nothing can be downloaded.
var offline = []string{"GOPROXY=off"}

// accepted asserts that plain go can work with the cache: it builds, and finds
// nothing to complain about.
func (w *world) accepted(env ...string) {
	w.Helper()
	for _, args := range [][]string{{"mod", "download"}, {"build", "-o", os.DevNull, "."}, {"mod", "verify"}} {
		if out, err := w.goCommand(env, args...); err != nil {
			w.Errorf("go %v: %v\n%s", args, err, out)
		}
	}
}

func (w *world) builds() bool {
	_, err := w.goCommand(nil, "build", "-o", os.DevNull, ".")
	return err == nil
}

func (w *world) file(m module.Version, suffix string) string {
	w.Helper()
	f, err := w.cache.File(m, suffix)
	w.check(err)
	return f
}

func (w *world) moduleDir(m module.Version) string {
	w.Helper()
	dir, err := w.cache.ModuleDir(m)
	w.check(err)
	return dir
}

// overwrite replaces a file of the cache, whatever its permissions.
func (w *world) overwrite(file, text string) {
	w.Helper()
	os.Chmod(filepath.Dir(file), 0o777)
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		w.Fatal(err)
	}
	w.check(os.WriteFile(file, []byte(text), 0o644))
}

func (w *world) remove(path string) {
	w.Helper()
	os.Chmod(filepath.Dir(path), 0o777)
	w.check(removeAll(path))
}

func (w *world) read(file string) string {
	w.Helper()
	data, err := os.ReadFile(file)
	w.check(err)
	return string(data)
}

// fetcher fetches as the repair command does.
func (w *world) fetcher() *GoFetcher {
	f := &GoFetcher{Go: "go", Env: w.env, Temp: w.TempDir()}
	w.Cleanup(func() { f.Close() })
	return f
}

func (w *world) verify(list ...module.Version) []State {
	if len(list) == 0 {
		list = w.sums.Versions()
	}
	return w.cache.Verify(context.Background(), list, w.sums)
}

func (w *world) repair(list ...module.Version) []Outcome {
	return w.cache.Repair(context.Background(), w.verify(list...), w.sums, w.fetcher())
}

// snapshot maps every file of the cache to its content; locks do not count.
func (w *world) snapshot() map[string]string {
	w.Helper()
	files := map[string]string{}
	w.check(filepath.WalkDir(w.cache.Dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".lock") {
			files[path] = w.read(path)
		}
		return err
	}))
	return files
}

func goSetting(name string) string { return goEnv()[name] }

var goEnv = sync.OnceValue(func() map[string]string {
	out, err := exec.Command("go", "env", "-json", "GOCACHE", "GOROOT").Output()
	if err != nil {
		panic(err)
	}
	settings := map[string]string{}
	if err := json.Unmarshal(out, &settings); err != nil {
		panic(err)
	}
	return settings
})
