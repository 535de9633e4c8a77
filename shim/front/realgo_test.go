package front

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/environ"
)

// A world is a directory with PATH entries in it.
type world struct {
	t    *testing.T
	root string
}

func newWorld(t *testing.T) world {
	if runtime.GOOS == "windows" {
		t.Skip("PATH entries are made with shell scripts")
	}
	return world{t, t.TempDir()}
}

// script makes an executable go in a directory.
func (w world) script(dir string) string {
	w.t.Helper()
	path := filepath.Join(w.root, dir, "go")
	w.write(path, "#!/bin/sh\n", 0o755)
	return path
}

// toolchain makes a directory that looks like a GOROOT.
func (w world) toolchain(dir string) string {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Join(w.root, dir, "pkg", "tool"), 0o755); err != nil {
		w.t.Fatal(err)
	}
	return w.script(filepath.Join(dir, "bin"))
}

func (w world) write(path, data string, mode os.FileMode) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), mode); err != nil {
		w.t.Fatal(err)
	}
}

func (w world) find(self, argv0, goVar string, path ...string) (RealGo, error) {
	for i, dir := range path {
		if dir != "" && !filepath.IsAbs(dir) {
			path[i] = filepath.Join(w.root, dir)
		}
	}
	env := map[string]string{"PATH": strings.Join(path, string(filepath.ListSeparator)), "GOSTEADY_GO": goVar}
	return Finder{Getenv: func(k string) string { return env[k] }, Argv0: argv0, Self: self}.Find()
}

func TestFindsTheFirstBehindUs(t *testing.T) {
	w := newWorld(t)
	self := w.script("shims")
	w.toolchain("before")
	want := w.toolchain("after")
	got, err := w.find(self, "go", "", "before/bin", "shims", "empty", "after/bin")
	if err != nil || got.Path != want || got.GOROOT != filepath.Join(w.root, "after") {
		t.Errorf("found %+v, %v, want %s", got, err, want)
	}
}

func TestStartedByPath(t *testing.T) {
	w := newWorld(t)
	self := w.script("shims")
	want := w.toolchain("t")
	if got, err := w.find(self, self, "", "t/bin"); err != nil || got.Path != want {
		t.Errorf("not in PATH ourselves: found %+v, %v", got, err)
	}
	if got, err := w.find(self, self, "", "shims", "t/bin"); err != nil || got.Path != want {
		t.Errorf("in PATH: found %+v, %v", got, err)
	}
}

func TestSkipsOurselves(t *testing.T) {
	w := newWorld(t)
	self := w.script("shims")
	want := w.script("wrapper")
	for _, dir := range []string{"links", "hard"} {
		if err := os.MkdirAll(filepath.Join(w.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(self, filepath.Join(w.root, "links", "go")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(self, filepath.Join(w.root, "hard", "go")); err != nil {
		t.Fatal(err)
	}
	w.write(filepath.Join(w.root, "dir", "go", "x"), "", 0o644)
	w.write(filepath.Join(w.root, "plain", "go"), "not executable", 0o644)
	got, err := w.find(self, "go", "", "shims", "links", "hard", "dir", "plain", "wrapper")
	if err != nil || got.Path != want || got.GOROOT != "" {
		t.Errorf("found %+v, %v, want the wrapper %s", got, err, want)
	}
}

func TestRecordedGo(t *testing.T) {
	w := newWorld(t)
	self := w.script("shims")
	want := w.toolchain("t")
	w.write(filepath.Join(w.root, "shims", recordName), want+"\n", 0o644)
	for _, path := range [][]string{{"shims"}, {}, {"nowhere"}} {
		if got, err := w.find(self, "go", "", path...); err != nil || got.Path != want {
			t.Errorf("PATH %q: found %+v, %v", path, got, err)
		}
	}
}

func TestNamedGo(t *testing.T) {
	w := newWorld(t)
	self := w.script("shims")
	w.write(filepath.Join(w.root, "plain", "go"), "", 0o644)
	for name, code := range map[string]int{
		w.script("named"):                    0,
		filepath.Join(w.root, "nope"):        127,
		filepath.Join(w.root, "plain", "go"): 126,
		"named/go":                           126,
		"go":                                 126,
		w.root:                               126,
		self:                                 126,
	} {
		got, err := w.find(self, "go", name, "shims")
		var nf *NotFoundError
		switch {
		case code == 0 && (err != nil || got.Path != name):
			t.Errorf("%s: found %+v, %v", name, got, err)
		case code != 0 && (!errors.As(err, &nf) || nf.Code != code || !strings.Contains(nf.Msg, "GOSTEADY_GO")):
			t.Errorf("%s: error %v, want exit status %d", name, err, code)
		}
	}
}

func TestNoGoAtAll(t *testing.T) {
	w := newWorld(t)
	self := w.script("shims")
	_, err := w.find(self, "go", "", "shims", "")
	var nf *NotFoundError
	if !errors.As(err, &nf) || nf.Code != 127 {
		t.Errorf("error %v, want exit status 127", err)
	}
}

func TestDepth(t *testing.T) {
	env := []string{"A=b"}
	var err error
	for range maxDepth {
		if env, err = countDepth(env, RealGo{Path: "/wrapper/go"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := countDepth(env, RealGo{Path: "/wrapper/go"}); err == nil || !strings.Contains(err.Error(), "/wrapper/go") {
		t.Errorf("no error after %d calls: %v", maxDepth, err)
	}
	env, err = countDepth(env, RealGo{Path: "/usr/lib/go/bin/go", GOROOT: "/usr/lib/go"})
	if _, found := environ.Lookup(env, depthEnv); err != nil || found {
		t.Errorf("the toolchain itself sees the counter: %q, %v", env, err)
	}
}

// Where we stand in a GOROOT, the go.real beside us is the real go, before any in PATH.
func TestStandingInAGOROOT(t *testing.T) {
	w := newWorld(t)
	self := w.toolchain("sdk")
	other := w.toolchain("other")
	if got, err := w.find(self, self, "", "other/bin"); err == nil || !strings.Contains(err.Error(), "go.real, the toolchain's own go, is missing") {
		t.Errorf("without a go.real: found %+v, %v", got, err)
	}
	real := self + ".real"
	w.write(real, "#!/bin/sh\n", 0o755)
	for _, argv0 := range []string{self, "go"} {
		got, err := w.find(self, argv0, "", "sdk/bin", "other/bin")
		if err != nil || got.Path != real || got.GOROOT != filepath.Join(w.root, "sdk") {
			t.Errorf("started as %s: found %+v, %v", argv0, got, err)
		}
	}
	if got, err := w.find(self, self, other, "sdk/bin"); err != nil || got.Path != other {
		t.Errorf("GOSTEADY_GO comes first: found %+v, %v", got, err)
	}
	// A toolchain's own go, beside which a go.real was left by an upgrade.
	if got, err := w.find(w.script("shims"), "go", "", "shims", "sdk/bin"); err != nil || got.Path != self {
		t.Errorf("found %+v, %v, want %s", got, err, self)
	}
}
