//go:build unix

package passfirst

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/shim/front"
)

// A place is a fresh machine: we are the first go in PATH, a go1.26.8 is the
// second, and there is a home without settings.
type place struct {
	t    *testing.T
	dir  string
	root string // GOROOT
	args []string
}

func newPlace(t testing.TB) *place {
	p := &place{dir: t.TempDir(), args: []string{"go", "version"}}
	p.root = filepath.Join(p.dir, "goroot")
	p.write(t, "goroot/pkg/tool/x", "")
	p.write(t, "goroot/go.env", "# comment\nGOPROXY=https://proxy.golang.org,direct\nGOTOOLCHAIN=auto\n")
	p.write(t, "goroot/VERSION", "go1.26.8\ntime 2026-01-01T00:00:00Z\n")
	p.write(t, "goroot/bin/go", "#!/bin/sh\n")
	p.write(t, "work/sub/file", "")
	p.write(t, "ours/x", "")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := errorsOf(
		os.Chmod(filepath.Join(p.root, "bin/go"), 0o755),
		os.Symlink(self, filepath.Join(p.dir, "ours/go")),
		os.Chdir(filepath.Join(p.dir, "work/sub")),
	); err != nil {
		t.Fatal(err)
	}
	return p
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *place) write(t testing.TB, name, text string) {
	path := filepath.Join(p.dir, name)
	if err := errorsOf(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// TestAgreesWithFront arranges much that changes the route, the real go or its
// toolchain: where this package decides, the plan that main would make is the
// same; and it does decide where it is meant to.
func TestAgreesWithFront(t *testing.T) {
	for name, test := range map[string]struct {
		arrange func(p *place)
		quick   bool
	}{
		"outside a module":      {func(p *place) {}, true},
		"go env":                {func(p *place) { p.args = []string{"go", "env", "-json", "GOPROXY"} }, true},
		"go help":               {func(p *place) { p.args = []string{"go", "help", "list"} }, true},
		"help on gosteady":      {func(p *place) { p.args = []string{"go", "help", "steady"} }, false},
		"another command":       {func(p *place) { p.args = []string{"go", "list"} }, false},
		"no command":            {func(p *place) { p.args = []string{"go"} }, false},
		"as gosteady":           {func(p *place) { p.args = []string{"gosteady", "version"} }, false},
		"by a path":             {func(p *place) { p.args[0] = p.dir + "/ours/go" }, false},
		"-C":                    {func(p *place) { p.args = []string{"go", "version", "-C", ".."} }, false},
		"-C=":                   {func(p *place) { p.args = []string{"go", "version", "-C=.."} }, false},
		"a module":              {func(p *place) { p.write(p.t, "work/go.mod", "module m\n\ngo 1.24\n\ntoolchain go1.26.8\n") }, true},
		"an old module":         {func(p *place) { p.write(p.t, "work/go.mod", "module m\n") }, true},
		"the same version":      {func(p *place) { p.write(p.t, "work/go.mod", "module m\ngo 1.26.8\n") }, true},
		"a newer module":        {func(p *place) { p.write(p.t, "work/go.mod", "module m\ngo 1.26.9\n") }, false},
		"a newer language":      {func(p *place) { p.write(p.t, "work/go.mod", "module m\r\ngo 1.27\r\n") }, false},
		"a newer toolchain":     {func(p *place) { p.write(p.t, "work/go.mod", "module m\ngo 1.20\ntoolchain go1.27.0\n") }, false},
		"a release candidate":   {func(p *place) { p.write(p.t, "work/go.mod", "module m\ngo 1.27rc1\n") }, false},
		"a strange version":     {func(p *place) { p.write(p.t, "work/go.mod", "module m\ngo 1.20 // old\n") }, false},
		"a workspace":           {func(p *place) { p.write(p.t, "go.work", "go 1.28\n") }, false},
		"go.mod is a directory": {func(p *place) { p.write(p.t, "work/go.mod/x", "") }, false},
		"go env -w":             {func(p *place) { p.write(p.t, "home/.config/go/env", "GOPROXY=off\n") }, true},
		"go env -w GOTOOLCHAIN": {func(p *place) { p.write(p.t, "home/.config/go/env", "GOTOOLCHAIN=go1.27.0\n") }, false},
		"go env -w GOWORK":      {func(p *place) { p.write(p.t, "home/.config/go/env", "GOFLAGS=\nGOWORK=/w/go.work\n") }, false},
		"GOENV":                 {func(p *place) { p.t.Setenv("GOENV", p.dir+"/env"); p.write(p.t, "env", "GOTOOLCHAIN=go1.27.0\n") }, false},
		"GOENV=off":             {func(p *place) { p.t.Setenv("GOENV", "off") }, true},
		"no home":               {func(p *place) { p.t.Setenv("HOME", ""); p.t.Setenv("XDG_CONFIG_HOME", "") }, true},
		"GOTOOLCHAIN":           {func(p *place) { p.t.Setenv("GOTOOLCHAIN", "go1.27.0") }, false},
		"GOTOOLCHAIN=local":     {func(p *place) { p.t.Setenv("GOTOOLCHAIN", "local"); p.write(p.t, "work/go.mod", "module m\ngo 1.99\n") }, true},
		"go env -w local": {func(p *place) {
			p.write(p.t, "home/.config/go/env", "GOTOOLCHAIN=go1.2.3\nGOTOOLCHAIN=local\n")
			p.write(p.t, "work/go.mod", "module m\ngo 1.99\n")
		}, true},
		"go env -w nothing":       {func(p *place) { p.write(p.t, "home/.config/go/env", "GOTOOLCHAIN=\n") }, false},
		"go env -w GOROOT":        {func(p *place) { p.write(p.t, "home/.config/go/env", "GOROOT=/other\n") }, false},
		"go.env of another mind":  {func(p *place) { p.write(p.t, "goroot/go.env", "GOTOOLCHAIN=go1.27.0+auto\n") }, false},
		"a development toolchain": {func(p *place) { p.write(p.t, "goroot/VERSION", "devel +abc\n") }, false},
		"GOROOT":                  {func(p *place) { p.t.Setenv("GOROOT", p.root) }, false},
		"GOWORK":                  {func(p *place) { p.t.Setenv("GOWORK", "/w/go.work") }, false},
		"GOSTEADY=off":            {func(p *place) { p.t.Setenv("GOSTEADY", "off") }, false},
		"an outer gosteady":       {func(p *place) { p.t.Setenv("GOSTEADY_INNER", "1 0\nhttp://127.0.0.1:1") }, false},
		"GOSTEADY_GO":             {func(p *place) { p.t.Setenv("GOSTEADY_GO", p.root+"/bin/go"); p.t.Setenv("PATH", "") }, true},
		"GOSTEADY_GO is us":       {func(p *place) { p.t.Setenv("GOSTEADY_GO", p.dir+"/ours/go") }, false},
		"GOSTEADY_GO is nothing":  {func(p *place) { p.t.Setenv("GOSTEADY_GO", p.dir+"/none/bin/go") }, false},
		"not in PATH":             {func(p *place) { p.t.Setenv("PATH", p.root+"/bin") }, false},
		"behind the real go":      {func(p *place) { p.t.Setenv("PATH", p.root+"/bin:"+p.dir+"/ours") }, false},
		"twice in PATH":           {func(p *place) { p.t.Setenv("PATH", p.dir+"/ours:"+os.Getenv("PATH")) }, true},
		"a relative entry":        {func(p *place) { p.t.Setenv("PATH", "bin:"+os.Getenv("PATH")) }, false},
		"a wrapper between": {func(p *place) {
			p.write(p.t, "wrapper/go", "#!/bin/sh\n")
			_ = os.Chmod(p.dir+"/wrapper/go", 0o755)
			p.t.Setenv("PATH", p.dir+"/ours:"+p.dir+"/wrapper:"+p.root+"/bin")
		}, false},
		"not executable": {func(p *place) { _ = os.Chmod(p.root+"/bin/go", 0o644) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(".") // back here at the end
			for _, name := range []string{"GOENV", "GOROOT", "GOTOOLCHAIN", "GOWORK", "GOFLAGS", "GO111MODULE"} {
				t.Setenv(name, "")
			}
			for _, kv := range os.Environ() {
				if name, _, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "GOSTEADY") {
					t.Setenv(name, "")
					os.Unsetenv(name)
				}
			}
			p := newPlace(t)
			p.t = t
			t.Setenv("HOME", p.dir+"/home")
			t.Setenv("XDG_CONFIG_HOME", p.dir+"/home/.config")
			t.Setenv("PATH", p.dir+"/ours:/nonexistent:"+p.root+"/bin")
			test.arrange(p)

			got := quick(p.args, os.Getenv)
			if (got != "") != test.quick {
				t.Errorf("quick gave %q", got)
			}
			if got != "" {
				p.agree(t, got)
			}
		})
	}
}

// agree compares with the plan that main would make.
func (p *place) agree(t testing.TB, got string) {
	plan, err := front.Begin(p.args, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	if plan.Route != front.Pass || plan.Toolchain != "" || plan.Real.Path != got {
		t.Errorf("quick runs %s; main would %v %s, with toolchain %q", got, plan.Route, plan.Real.Path, plan.Toolchain)
	}
	if !slices.Equal(plan.Environ, os.Environ()) {
		t.Error("main would change the environment")
	}
}

// FuzzAgreesWithFront: whatever go.mod says, we never run a toolchain that main
// would have replaced by a newer one.
func FuzzAgreesWithFront(f *testing.F) {
	for _, seed := range []string{
		"module m\n\ngo 1.24\n\ntoolchain go1.24.3\n", "go 1.21rc2", "toolchain default", "go 1.999", "go 1.26.8\n//", "go\t1.27\r\n",
		"require (\n\tgo 1.9\n)", "go 1", "go 1..2", "go 01.30", "go 1.26.08", " toolchain go1.26.9", "go 1.26.8.1",
		"go\r1.11111", "\vgo 1.11111", "\f toolchain go1.999.1", "\u00a0go 1.11111", "\u0085\u2003go 1.11111", "toolchain\rgo1.999.1", "require (\n\tgolang.org/x/mod v1.0.0\n\tgo.uber.org/zap v1.0.0\n\tgo4.org v1.0.0\n)", "go\"1.999\"",
	} {
		f.Add(seed)
	}
	p := newPlace(f)
	for name, value := range map[string]string{
		"HOME": p.dir + "/home", "XDG_CONFIG_HOME": p.dir + "/home", "PATH": p.dir + "/ours:" + p.root + "/bin",
		"GOENV": "", "GOROOT": "", "GOTOOLCHAIN": "", "GOWORK": "", "GOFLAGS": "", "GO111MODULE": "",
	} {
		f.Setenv(name, value)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p.write(t, "work/go.mod", text)
		if got := quick(p.args, os.Getenv); got != "" {
			p.agree(t, got)
		}
	})
}

// TestImportsLittle guards what makes this package the first.
func TestImportsLittle(t *testing.T) {
	list := func(pkg string) []string {
		cmd := exec.Command(modtest.RealGo(t), "list", "-deps", pkg)
		cmd.Env = append(os.Environ(), "GOFLAGS=")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(out))
	}
	allowed := list("os")
	for _, pkg := range list(".") {
		if !slices.Contains(allowed, pkg) && !strings.HasSuffix(pkg, "/passfirst") {
			t.Errorf("imports %s, so it runs after it", pkg)
		}
	}
}
