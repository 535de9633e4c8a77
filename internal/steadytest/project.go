package steadytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/here"
)

// A Project is a project with a warm module cache of its own, served by a
// proxy on loopback with a checksum database.
type Project struct {
	*testing.T
	Place here.Place
	Proxy *faultproxy.Proxy
	Cache string // GOMODCACHE
}

// NewProject needs example.com/dep; example.com/idle is in its cache, and not needed.
func NewProject(t *testing.T) *Project {
	t.Helper()
	p := &Project{T: t, Cache: filepath.Join(t.TempDir(), "mod")}
	store := faultproxy.NewStore()
	for _, m := range []struct{ path, text string }{{"example.com/dep", "package dep\n"}, {"example.com/idle", "package idle\n"}} {
		p.Check(store.Add(m.path, "v1.0.0", map[string]string{"x.go": m.text, "go.mod": "module " + m.path + "\n"}))
	}
	db, err := store.SumDB("sum.example.com")
	p.Check(err)
	p.Proxy, err = faultproxy.Start(faultproxy.Config{Content: store})
	p.Check(err)
	t.Cleanup(func() { p.Proxy.Close() })
	realGo, err := exec.LookPath("go")
	p.Check(err)
	dir := t.TempDir()
	p.Place = here.Place{Dir: dir, Env: append(os.Environ(),
		"GOSTEADY_GO="+realGo, "GOSTEADY_STATE="+filepath.Join(dir, "state"), "GOPATH="+t.TempDir(), "GOMODCACHE="+p.Cache, "GOFLAGS=-modcacherw", "GOENV=off", "GOTOOLCHAIN=local", "GOWORK=off",
		"GOPROXY="+p.Proxy.URL(), "GOSUMDB="+db.Key+" "+p.Proxy.URL()+"/sumdb/sum.example.com", "GOPRIVATE=", "GONOSUMDB=", "GONOPROXY=", "PWD="+dir)}
	p.Check(os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/main\n\ngo 1.21\n\nrequire example.com/dep v1.0.0\n"), 0o666))
	p.Check(os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nimport _ \"example.com/dep\"\n\nfunc main() {}\n"), 0o666))
	p.Go("mod", "tidy")
	p.Go("mod", "download", "example.com/dep@v1.0.0", "example.com/idle@v1.0.0")
	return p
}

// Check ends the test on an error.
func (p *Project) Check(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// Go runs the go command in the project.
func (p *Project) Go(args ...string) {
	p.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = p.Place.Dir, p.Place.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		p.Fatalf("go %v: %v\n%s", args, err, out)
	}
}

// File is the full name of a file of the cache.
func (p *Project) File(name string) string { return filepath.Join(p.Cache, filepath.FromSlash(name)) }

// Damage replaces a file of the cache.
func (p *Project) Damage(name, text string) {
	p.Helper()
	os.Remove(p.File(name)) // extracted files are read-only
	p.Check(os.WriteFile(p.File(name), []byte(text), 0o666))
}

// Files of the cache.
const (
	DepZip = "cache/download/example.com/dep/@v/v1.0.0.zip"
	DepX   = "example.com/dep@v1.0.0/x.go"
)
