package e2e

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modtest"
)

// TestScripts runs every script in testdata/script, each named for the behaviour
// that it guards. One alone: go test -run 'TestScripts/NAME$' ./internal/e2e
func TestScripts(t *testing.T) {
	params := modtest.Script(bin, filepath.Join(testdata, "mods.txtar"))
	params.Files = scripts(t)
	params.UpdateScripts = os.Getenv("UPDATE_SCRIPTS") != ""
	testscript.Run(t, params)
}

// Every class of the table has a script that produces the failure with the real
// toolchain, and asserts that it is healed or that it is left untouched.
func TestEveryClassHasAScript(t *testing.T) {
	for _, row := range classify.Table() {
		if _, err := os.Stat(filepath.Join(testdata, "script", "class_"+string(row.Class)+".txtar")); err != nil {
			t.Error(err)
		}
	}
}

// TestTwentyAtOnce runs twenty commands side by side on one cold module cache,
// behind a proxy that fails one request in four.
func TestTwentyAtOnce(t *testing.T) {
	p, dir := modtest.Flaky(t, "** chance=0.15 seed=3 status=500\n** chance=0.1 seed=4 cut")
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
