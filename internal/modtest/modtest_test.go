package modtest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// The scripts' own commands, with the real go in the place of gosteady.
func TestScript(t *testing.T) {
	params := Script(filepath.Dir(RealGo(t)), filepath.Join("..", "..", "testdata", "mods.txtar"))
	params.Dir = "testdata"
	testscript.Run(t, params)
}

func TestRunWithProxy(t *testing.T) {
	store := faultproxy.NewStore()
	if err := store.Add("example.com/hello", "v1.0.0", map[string]string{"hello.go": "package hello\n"}); err != nil {
		t.Fatal(err)
	}
	p := Proxy(t, faultproxy.Config{Content: store, Rules: "**.zip first=1 status=500"})
	env := Env(t, "GOPROXY="+p.URL())
	dir := Files(t, map[string]string{"go.mod": "module example.com/main\n\ngo 1.21\n"})

	got := Run(t, dir, env, RealGo(t), "mod", "download", "example.com/hello@v1.0.0")
	if got.Code != 1 || !strings.Contains(got.Stderr, "500 Internal Server Error") {
		t.Errorf("first: %+v", got)
	}
	got = Run(t, dir, env, RealGo(t), "mod", "download", "example.com/hello@v1.0.0")
	if got.Code != 0 || p.Count("**.zip") != 2 {
		t.Errorf("second: %+v", got)
	}
}

func TestEnvIsClean(t *testing.T) {
	t.Setenv("GOPRIVATE", "leaked.example")
	t.Setenv("HTTPS_PROXY", "http://leaked.example")
	env := Env(t, "GOOS=plan9")
	if Getenv(env, "GOPRIVATE") != "" || Getenv(env, "HTTPS_PROXY") != "" || Getenv(env, "GOOS") != "plan9" {
		t.Error(env)
	}
	got := Run(t, t.TempDir(), env, RealGo(t), "env", "GOMODCACHE", "GOPROXY", "GOOS")
	if want := filepath.Join(Getenv(env, "GOPATH"), "pkg", "mod") + "\noff\nplan9\n"; got.Stdout != want {
		t.Errorf("%q, want %q", got.Stdout, want)
	}
}
