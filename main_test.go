package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// bin has the built gosteady as an installation lays it out.
var bin string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gosteady-e2e-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = modtest.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build gosteady:", err)
		return 1
	}
	bin = dir
	return m.Run()
}

// TestScripts runs every script in testdata/script, each named for the behaviour
// that it guards. One alone: go test -run 'TestScripts/NAME$' .
func TestScripts(t *testing.T) {
	params := modtest.Script(bin, "testdata/mods.txtar")
	params.Dir = "testdata/script"
	params.UpdateScripts = os.Getenv("UPDATE_SCRIPTS") != ""
	testscript.Run(t, params)
}

// steadyGo is the path of gosteady, named go.
func steadyGo() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(bin, "go.exe")
	}
	return filepath.Join(bin, "go")
}

// flaky is a proxy with a few modules, and a module that needs them.
func flaky(t *testing.T, rules string) (p *faultproxy.Proxy, dir string) {
	t.Helper()
	store := faultproxy.NewStore()
	mod, sum := "module example.com/main\n\ngo 1.21\n\n", ""
	program := "package main\n\n"
	for i := range 8 {
		path := fmt.Sprintf("example.com/m%d", i)
		files := map[string]string{"m.go": fmt.Sprintf("package m%d\n", i), "text": strings.Repeat(path, 1000)}
		if err := store.Add(path, "v1.0.0", files); err != nil {
			t.Fatal(err)
		}
		lines, err := store.Sum(path, "v1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		mod += "require " + path + " v1.0.0\n"
		sum += lines
		program += "import _ \"" + path + "\"\n"
	}
	dir = modtest.Files(t, map[string]string{
		"go.mod": mod, "go.sum": sum, "main.go": program + "\nfunc main() {}\n",
	})
	return modtest.Proxy(t, faultproxy.Config{Content: store, Rules: rules}), dir
}

// TestTwentyAtOnce runs twenty commands side by side on one cold module cache,
// behind a proxy that fails one request in four.
func TestTwentyAtOnce(t *testing.T) {
	p, dir := flaky(t, "** chance=0.15 seed=3 status=500\n** chance=0.1 seed=4 cut")
	env := modtest.Env(t, "GOPROXY="+p.URL(), "GOSTEADY_RETRY_WAITS=20ms,50ms,100ms,200ms")
	commands := [][]string{{"mod", "download"}, {"list", "-deps", "./..."}, {"build", "-o", os.DevNull, "."}, {"vet", "."}, {"run", "."}}
	var wg sync.WaitGroup
	for i := range 20 {
		args := commands[i%len(commands)]
		wg.Go(func() {
			got := modtest.Run(t, dir, env, steadyGo(), args...)
			if got.Code != 0 {
				t.Errorf("go %v: exit status %d\n%s", args, got.Code, got.Stderr)
			}
		})
	}
	wg.Wait()
	got := modtest.Run(t, dir, append(env, "GOPROXY=off"), modtest.RealGo(t), "mod", "verify")
	if got.Code != 0 {
		t.Errorf("the cache is not whole: %s%s", got.Stdout, got.Stderr)
	}
}
