package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// TestCarriageReturns: files whose lines end as on Windows are read as go reads them,
// and stay as they are.
func TestCarriageReturns(t *testing.T) {
	p, dir := modtest.Flaky(t, "**.zip first=1 status=500")
	write(t, filepath.Join(dir, ".gosteady.yaml"), "version: 1\nretry:\n  attempts: 3\nrules:\n  - on: [gone]\n    do: [fail]\n")
	before := map[string]string{}
	for _, name := range []string{"go.mod", "go.sum", ".gosteady.yaml"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		before[name] = strings.ReplaceAll(string(data), "\n", "\r\n")
		write(t, filepath.Join(dir, name), before[name])
	}
	goenv := filepath.Join(t.TempDir(), "env")
	write(t, goenv, "GOPROXY="+p.URL()+"\nGONOSUMDB=corp.example\r\n")
	env := modtest.Env(t, "GOENV="+goenv, "GOPROXY=", "GOSTEADY_RETRY_WAITS=20ms")
	for _, command := range []string{"mod download", "build -o " + os.DevNull + " .", "list -m all", "env GONOSUMDB"} {
		got := modtest.Run(t, dir, env, steadyGo(), strings.Fields(command)...)
		plain := modtest.Run(t, dir, env, modtest.RealGo(t), strings.Fields(command)...)
		if got.Code != 0 || got.Stdout != plain.Stdout || strings.Contains(got.Stderr, ".gosteady.yaml") {
			t.Errorf("go %s: %+v, plain go %+v", command, got, plain)
		}
	}
	if n := p.Count("**.zip"); n < 9 { // eight, and one failed
		t.Errorf("%d requests: nothing failed", n)
	}
	for name, want := range before {
		if data, err := os.ReadFile(filepath.Join(dir, name)); string(data) != want {
			t.Errorf("%s has changed: %q, %v", name, data, err)
		}
	}
	if got := modtest.Run(t, dir, env, modtest.Executable(bin, "gosteady"), "policy", "check"); got.Code != 0 {
		t.Errorf("policy check: %+v", got)
	}
}
