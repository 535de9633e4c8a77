//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// TestPassComesFirst counts the packages that are initialised before the real go
// replaces us. Some thirty are the runtime, syscall, os and what Go chooses to
// put before them; the whole program has two hundred.
func TestPassComesFirst(t *testing.T) {
	real := modtest.Files(t, map[string]string{
		"go.env": "GOTOOLCHAIN=auto\n", "VERSION": "go1.26.8\n", "pkg/tool/x": "", "bin/go": "#!/bin/sh\necho real \"$@\"\n",
	})
	if err := os.Chmod(filepath.Join(real, "bin/go"), 0o755); err != nil {
		t.Fatal(err)
	}
	env := modtest.Env(t, "GODEBUG=inittrace=1", "GOENV=off", "GOTOOLCHAIN=", "GOSTEADY_GO="+filepath.Join(real, "bin/go"))
	got := modtest.Run(t, t.TempDir(), env, steadyGo(), "version")
	if got.Stdout != "real version\n" {
		t.Errorf("stdout %q", got.Stdout)
	}
	if n := strings.Count(got.Stderr, "init "); n == 0 || n > 40 {
		t.Errorf("%d packages were initialised before the command was passed:\n%s", n, got.Stderr)
	}
}

// TestLinkerDropsMethods: once a call of methods by name is reachable, as from a
// template engine, the linker keeps every exported method of every type. That was
// a fifth of the executable and half a millisecond of each supervised command.
func TestLinkerDropsMethods(t *testing.T) {
	got := modtest.Run(t, t.TempDir(), os.Environ(), modtest.RealGo(t), "tool", "nm", steadyGo())
	if got.Code != 0 || !strings.Contains(got.Stdout, "T main.main") {
		t.Fatalf("go tool nm: %d\n%s", got.Code, got.Stderr)
	}
	for _, name := range []string{"reflect.Value.MethodByName", "text/template.(*Template).Execute"} {
		if strings.Contains(got.Stdout, "T "+name) {
			t.Errorf("%s is linked", name)
		}
	}
}
