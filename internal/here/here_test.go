package here

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/workspace"
)

func TestGetenv(t *testing.T) {
	p := Place{Env: []string{"A=1", "AB=2", "A=3", "EMPTY="}}
	for name, want := range map[string]string{"A": "3", "AB": "2", "EMPTY": "", "B": ""} {
		if got := p.Getenv(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestNamesOfFiles(t *testing.T) {
	dir := t.TempDir()
	p := Place{Dir: filepath.Join(dir, "m")}
	inside, outside := filepath.Join(dir, "m", "x", "y"), filepath.Join(dir, "z")
	for file, want := range map[string]string{inside: filepath.Join("x", "y"), outside: outside} {
		if got := p.Shown(file); got != want {
			t.Errorf("%s is shown as %s, want %s", file, got, want)
		}
		if got := p.Path(want); got != file {
			t.Errorf("%s is %s, want %s", want, got, file)
		}
	}
	if got := (Place{}).Shown(inside); got != inside {
		t.Errorf("in a directory that is gone, %s is shown as %s", inside, got)
	}
}

func TestRealGo(t *testing.T) {
	want := modtest.RealGo(t)
	real, err := Place{Env: []string{"GOSTEADY_GO=" + want}}.RealGo()
	if err != nil || real.Path != want {
		t.Errorf("got %s, %v; want %s", real.Path, err, want)
	}
	if _, err := (Place{Env: []string{"GOSTEADY_GO=go"}}).RealGo(); err == nil {
		t.Error("a relative path is taken")
	}
}

// The policy of a workspace is that of its root.
func TestPolicyOfAWorkspace(t *testing.T) {
	dir := modtest.Files(t, map[string]string{
		"go.work": "go 1.21\n\nuse ./m\n", "m/go.mod": "module m\n\ngo 1.21\n", ".gosteady.yaml": "hedge: off\n",
	})
	p := Place{Dir: filepath.Join(dir, "m"), Env: []string{"HOME=" + dir, "GOENV=off"}}
	s := goenv.Read(p.Env, "")
	w, err := workspace.Find(p.Dir, s, "")
	if err != nil {
		t.Fatal(err)
	}
	if l := p.Policy(s, w); l.WorkspaceRoot != dir || l.ModuleRoot != p.Dir {
		t.Errorf("the roots are %q and %q", l.WorkspaceRoot, l.ModuleRoot)
	}
}

func TestOutputIsOfThePlace(t *testing.T) {
	dir := t.TempDir()
	p := Place{Env: append(os.Environ(), "GOENV=off", "GOFLAGS=-mod=mod"), Dir: dir}
	out, err := p.Output(context.Background(), modtest.RealGo(t), "env", "GOFLAGS")
	if err != nil || strings.TrimSpace(out) != "-mod=mod" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestUnpromptedKeepsTheUsersSSH(t *testing.T) {
	asked := func(env ...string) bool {
		return slices.ContainsFunc(Place{Env: env}.Unprompted().Env, func(kv string) bool { return strings.Contains(kv, "BatchMode") })
	}
	if !asked() || asked("GIT_SSH=plink") || asked("GIT_SSH_COMMAND=ssh -i key") {
		t.Error("ssh is told not to ask where the user says how it is run, or not told")
	}
	if env := (Place{}).Unprompted().Env; !slices.Contains(env, "GIT_TERMINAL_PROMPT=0") {
		t.Errorf("git may ask: %q", env)
	}
}
