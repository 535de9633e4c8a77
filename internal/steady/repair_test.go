package steady

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/here"
)

// A cacheWorld is a project with a warm module cache of its own, served by a
// proxy on loopback with a checksum database.
type cacheWorld struct {
	*testing.T
	proxy *faultproxy.Proxy
	app   *App
	out   bytes.Buffer
	mod   string // GOMODCACHE
}

func newCacheWorld(t *testing.T) *cacheWorld {
	t.Helper()
	w := &cacheWorld{T: t, mod: filepath.Join(t.TempDir(), "mod")}
	store := faultproxy.NewStore()
	for _, m := range []struct{ path, text string }{{"example.com/dep", "package dep\n"}, {"example.com/idle", "package idle\n"}} {
		w.check(store.Add(m.path, "v1.0.0", map[string]string{"x.go": m.text, "go.mod": "module " + m.path + "\n"}))
	}
	db, err := store.SumDB("sum.example.com")
	w.check(err)
	w.proxy, err = faultproxy.Start(faultproxy.Config{Content: store})
	w.check(err)
	t.Cleanup(func() { w.proxy.Close() })
	realGo, err := exec.LookPath("go")
	w.check(err)
	dir := t.TempDir()
	w.app = &App{Stdin: strings.NewReader(""), Stdout: &w.out, Stderr: &w.out, Place: here.Place{Dir: dir, Env: append(os.Environ(),
		"GOSTEADY_GO="+realGo, "GOSTEADY_STATE="+filepath.Join(dir, "state"), "GOPATH="+t.TempDir(), "GOMODCACHE="+w.mod, "GOFLAGS=-modcacherw", "GOENV=off", "GOTOOLCHAIN=local", "GOWORK=off",
		"GOPROXY="+w.proxy.URL(), "GOSUMDB="+db.Key+" "+w.proxy.URL()+"/sumdb/sum.example.com", "GOPRIVATE=", "GONOSUMDB=", "GONOPROXY=", "PWD="+dir)}}
	w.check(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/main\n\ngo 1.21\n\nrequire example.com/dep v1.0.0\n"), 0o666))
	w.check(os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nimport _ \"example.com/dep\"\n\nfunc main() {}\n"), 0o666))
	w.goRun("mod", "tidy")
	w.goRun("mod", "download", "example.com/dep@v1.0.0", "example.com/idle@v1.0.0")
	return w
}

func (w *cacheWorld) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *cacheWorld) goRun(args ...string) {
	w.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = w.app.Dir, w.app.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("go %v: %v\n%s", args, err, out)
	}
}

func (w *cacheWorld) file(name string) string { return filepath.Join(w.mod, filepath.FromSlash(name)) }

func (w *cacheWorld) damage(name, text string) {
	w.Helper()
	os.Remove(w.file(name)) // extracted files are read-only
	w.check(os.WriteFile(w.file(name), []byte(text), 0o666))
}

// run executes a command and returns its exit status and all of its output.
func (w *cacheWorld) run(args ...string) (int, string) {
	w.out.Reset()
	code := w.app.Run(args)
	return code, w.out.String()
}

// want asserts the exit status, and what the output has.
func (w *cacheWorld) want(code int, args []string, has ...string) {
	w.Helper()
	got, out := w.run(args...)
	if got != code {
		w.Errorf("%v: exit status %d, want %d", args, got, code)
	}
	for _, text := range has {
		if !strings.Contains(out, text) {
			w.Errorf("%v: no %q in:\n%s", args, text, out)
		}
	}
}

const (
	depZip = "cache/download/example.com/dep/@v/v1.0.0.zip"
	depX   = "example.com/dep@v1.0.0/x.go"
)

func TestRepairCommand(t *testing.T) {
	w := newCacheWorld(t)
	w.want(0, []string{"repair"}, "gosteady: 1 module version verified", "nothing is damaged")
	w.damage(depX, "")
	w.damage(depZip, "garbage")
	w.want(1, []string{"repair", "--dry-run"}, "example.com/dep@v1.0.0: zip-unreadable", "dir-wrong", "1 damaged; mend with 'go steady repair'")
	if data, _ := os.ReadFile(w.file(depZip)); string(data) != "garbage" {
		t.Error("a dry run changed something")
	}
	w.want(0, []string{"repair"}, "zip replaced", "directory mended: changed x.go", "1 damaged, all mended")
	w.want(0, []string{"repair", "--all"}, "2 module versions verified", "nothing is damaged")
	w.goRun("mod", "verify")
}

func TestRepairCommandOffline(t *testing.T) {
	w := newCacheWorld(t)
	w.damage(depZip, "garbage")
	w.proxy.Refuse()
	w.want(1, []string{"repair"}, "left: fetching a replacement: ", "connection refused", "1 damaged, 1 left as before")
	if data, _ := os.ReadFile(w.file(depZip)); string(data) != "garbage" {
		t.Error("the damaged zip was touched without a replacement")
	}
}

func TestRepairCommandAll(t *testing.T) {
	w := newCacheWorld(t)
	w.damage("example.com/idle@v1.0.0/x.go", "")
	w.want(0, []string{"repair", "--dry-run"}, "nothing is damaged")
	w.app.Dir = t.TempDir()
	w.want(1, []string{"repair"}, "no go.mod here", "--all")
	w.want(0, []string{"repair", "--all"}, "example.com/idle@v1.0.0", "all mended")
}

func TestRepairCommandJSON(t *testing.T) {
	w := newCacheWorld(t)
	w.damage(depX, "")
	code, out := w.run("repair", "--json", "--dry-run")
	var rep repairReport
	if err := json.Unmarshal([]byte(out), &rep); err != nil || code != 1 {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	if rep.Module != "example.com/dep" || rep.Version != "v1.0.0" || len(rep.Damage) != 1 || rep.Damage[0].Kind != "dir-wrong" {
		t.Errorf("%+v", rep)
	}
}

func TestRepairCommandReset(t *testing.T) {
	w := newCacheWorld(t)
	w.damage(depX, "")
	w.want(0, []string{"repair", "--reset"}, "example.com/dep@v1.0.0", "1 module version replaced")
	w.goRun("mod", "verify")
	w.proxy.Refuse()
	w.want(1, []string{"repair", "--reset"}, "1 left as before")
	w.goRun("mod", "verify")
}

func TestRepairCommandLog(t *testing.T) {
	w := newCacheWorld(t)
	w.damage(depX, "")
	w.damage("example.com/idle@v1.0.0/x.go", "") // which the log does not name
	log := filepath.Join(w.app.Dir, "build.log")
	w.check(os.WriteFile(log, []byte("main.go:3:8: "+w.file(depX)+":1:1: expected 'package', found 'EOF'\n"), 0o666))
	w.want(0, []string{"repair", "--log", "build.log"}, "example.com/dep@v1.0.0", "all mended")
	w.want(1, []string{"repair", "--all", "--dry-run"}, "example.com/idle@v1.0.0", "1 damaged")
	w.app.Stdin = strings.NewReader("--- FAIL: TestX (0.00s)\n")
	w.want(1, []string{"repair", "--log", "-"}, "no failure that points at the module cache")
}

func TestPruneCommand(t *testing.T) {
	w := newCacheWorld(t)
	then := time.Now().Add(-1000 * time.Hour)
	w.check(filepath.WalkDir(w.mod, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, then, then)
	}))
	w.want(1, []string{"prune"}, "unused-for")
	w.want(1, []string{"prune", "--unused-for", "0s"}, "720h")
	w.want(0, []string{"prune", "--unused-for", "720h", "--dry-run", "--by-age"}, "example.com/idle@v1.0.0", "would delete 1 of 2 module versions")
	w.want(0, []string{"prune", "--unused-for", "2000h", "--by-age"}, "deleted 0 of 2")
	w.want(0, []string{"prune", "--unused-for", "720h", "--by-age"}, "deleted 1 of 2")
	if _, err := os.Stat(w.file("example.com/idle@v1.0.0")); err == nil {
		t.Error("not deleted")
	}
	w.goRun("build", "-o", os.DevNull, ".")
}

func TestPruneCommandKeep(t *testing.T) {
	w := newCacheWorld(t)
	other := t.TempDir()
	w.check(os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.com/other\n\ngo 1.21\n\nrequire example.com/idle v1.0.0\n"), 0o666))
	w.want(0, []string{"prune", "--unused-for", "1ns", "--dry-run", "--by-age", "--keep", other}, "would delete 0 of 2")
	w.want(1, []string{"prune", "--unused-for", "1ns", "--dry-run", "--by-age", "--keep", t.TempDir()}, "--keep", "no go.mod")
}
