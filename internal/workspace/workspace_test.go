package workspace

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/rogpeppe/go-internal/txtar"
)

// tree writes a txtar archive to a fresh directory.
func tree(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// realGo returns the real go command and an environment that keeps it away
// from the network and from settings of the machine.
func realGo(t *testing.T) (path string, env []string) {
	t.Helper()
	path, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	env = append(os.Environ(), "GOSTEADY=off", "GOENV=off", "GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "GO111MODULE=", "GOWORK=")
	return path, env
}

func run(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, append(env, "PWD="+dir)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run() // some of the questions are answered by an error
	return out.String()
}

const layout = `
-- m/go.mod --
module example.com/m

go 1.21 // the language

toolchain go1.22.3
-- m/alt.mod --
module example.com/m

go 1.23
-- m/a/b/x.go --
package b
-- m/old/go.mod --
module example.com/old
-- w/go.work --
go 1.24
toolchain default
use ./one
use two
-- w/one/go.mod --
module example.com/one
-- w/one/sub/x.go --
package sub
-- w/two/go.mod --
module example.com/two
-- w/three/go.mod --
module example.com/three
-- dirs/go.mod/x --
-- dirs/go.work/x --
`

// TestFindAgainstGo compares what is found with "go env GOMOD GOWORK".
func TestFindAgainstGo(t *testing.T) {
	goCmd, base := realGo(t)
	root := tree(t, layout)
	goroot := strings.TrimSpace(run(t, root, base, goCmd, "env", "GOROOT"))
	for _, tt := range []struct{ dir, env string }{
		{"m", ""}, {"m/a/b", ""}, {"m/old", ""}, {"w/one", ""}, {"w/one/sub", ""}, {"w", ""}, {"w/three", ""},
		{".", ""}, {"dirs", ""},
		{"w/one", "GOWORK=off"}, {"w/one", "GOWORK=auto"}, {"m", "GOWORK=%/w/go.work"}, {"m", "GOWORK=%/w/not.there"},
		{"m", "GO111MODULE=off"}, {"m", "GO111MODULE=auto"}, {".", "GO111MODULE=auto"}, {"m", "GO111MODULE=on"},
		{"w", "GO111MODULE=auto"}, {"m", "TMPDIR=%/m"}, {"m/a", "TMPDIR=%/m/a"},
		{"%goroot/src/fmt", ""}, {"%goroot/src/cmd/go", ""},
	} {
		t.Run(tt.dir+" "+tt.env, func(t *testing.T) {
			dir := filepath.Join(root, tt.dir)
			if rest, ok := strings.CutPrefix(tt.dir, "%goroot"); ok {
				dir = goroot + filepath.FromSlash(rest)
			}
			env := base
			if tt.env != "" {
				kv := strings.ReplaceAll(tt.env, "%", root)
				env = append(env, kv)
				if tmp, ok := strings.CutPrefix(kv, "TMPDIR="); ok {
					t.Setenv("TMPDIR", tmp)
				}
			}
			want := strings.Split(run(t, dir, env, goCmd, "env", "GOMOD", "GOWORK"), "\n")
			if strings.HasPrefix(want[0], "go: warning") {
				want = want[1:]
			}
			w, err := Find(dir, goenv.Read(env, goroot), "")
			if err != nil {
				t.Fatal(err)
			}
			mod := strings.TrimSuffix(strings.TrimSuffix(want[0], os.DevNull), "\n")
			work := strings.TrimSuffix(want[1], "off")
			// In a workspace without a module of its own, GOMOD is the null device.
			if w.ModFile != mod || w.WorkFile != work {
				t.Errorf("found %q, %q; go says %q, %q", w.ModFile, w.WorkFile, mod, work)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	root := tree(t, layout)
	for _, tt := range []struct{ dir, modfile, goVersion, toolchain, root string }{
		{"m/a/b", "", "1.21", "go1.22.3", "m"},
		{"m/a/b", "../../alt.mod", "1.23", "", "m"},
		{"m/old", "", "", "", "m/old"},
		{"w/one/sub", "", "1.24", "default", "w"},
		{"w", "", "1.24", "default", "w"},
	} {
		w, err := Find(filepath.Join(root, tt.dir), goenv.Read(nil, ""), tt.modfile)
		if err != nil {
			t.Fatal(err)
		}
		if w.GoVersion != tt.goVersion || w.Toolchain != tt.toolchain {
			t.Errorf("%s: go %q, toolchain %q; want %q, %q", tt.dir, w.GoVersion, w.Toolchain, tt.goVersion, tt.toolchain)
		}
		if want := filepath.Join(root, tt.root); w.Root() != want {
			t.Errorf("%s: Root = %q, want %q", tt.dir, w.Root(), want)
		}
	}
}

func TestFindModuleIgnoresWorkspaces(t *testing.T) {
	root := tree(t, layout)
	w, err := FindModule(filepath.Join(root, "w/one/sub"), goenv.Read(nil, ""), "")
	if err != nil || w.WorkFile != "" || w.Root() != filepath.Join(root, "w", "one") {
		t.Errorf("FindModule = %+v, %v", w, err)
	}
}

// TestVendorAgainstGo asks go for a list that it cannot give from a vendor
// directory, which tells whether it uses one.
func TestVendorAgainstGo(t *testing.T) {
	goCmd, base := realGo(t)
	for name, archive := range map[string]string{
		"module":              "-- go.mod --\nmodule m\ngo 1.21\n-- vendor/modules.txt --\n",
		"no modules.txt":      "-- go.mod --\nmodule m\ngo 1.21\n-- vendor/x --\n",
		"too old":             "-- go.mod --\nmodule m\ngo 1.13\n-- vendor/modules.txt --\n",
		"first":               "-- go.mod --\nmodule m\ngo 1.14\n-- vendor/modules.txt --\n",
		"no go line":          "-- go.mod --\nmodule m\n-- vendor/modules.txt --\n",
		"a file":              "-- go.mod --\nmodule m\ngo 1.21\n-- vendor --\n",
		"none":                "-- go.mod --\nmodule m\ngo 1.21\n",
		"of a workspace":      "-- go.mod --\nmodule m\ngo 1.21\n-- vendor/modules.txt --\n## workspace\n",
		"workspace":           "-- go.work --\ngo 1.22\nuse .\n-- go.mod --\nmodule m\ngo 1.21\n-- vendor/modules.txt --\n## workspace\n",
		"workspace, marks":    "-- go.work --\ngo 1.22\nuse .\n-- go.mod --\nmodule m\ngo 1.21\n-- vendor/modules.txt --\n## x; workspace ;y\n",
		"workspace of module": "-- go.work --\ngo 1.22\nuse .\n-- go.mod --\nmodule m\ngo 1.21\n-- vendor/modules.txt --\n# other\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := tree(t, archive)
			out := run(t, dir, base, goCmd, "list", "-m", "all")
			want := strings.Contains(out, "using the vendor directory")
			w, err := Find(dir, goenv.Read(base, ""), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := w.VendorDir != ""; got != want {
				t.Errorf("VendorDir = %q; go says: %s", w.VendorDir, out)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	root := tree(t, layout)
	for _, env := range []string{"GO111MODULE=sometimes", "GOWORK=relative/go.work"} {
		w, err := Find(filepath.Join(root, "m"), goenv.Read([]string{env}, ""), "")
		if err == nil || w == nil {
			t.Errorf("%s: %v, %v; want an error and something usable", env, w, err)
		}
	}
	w, err := Find(filepath.Join(root, "m"), goenv.Read(nil, ""), "gone.mod")
	if err == nil || w.ModRoot == "" {
		t.Errorf("missing -modfile: %+v, %v", w, err)
	}
}

// TestOddDirectories: what a wrapper must not fail on.
func TestOddDirectories(t *testing.T) {
	root := tree(t, layout)
	s := goenv.Read(nil, "")
	for _, dir := range []string{"", filepath.Join(root, "deleted"), filepath.Join(root, "m", "deleted")} {
		if _, err := Find(dir, s, ""); err != nil {
			t.Errorf("%q: %v", dir, err)
		}
	}
	if runtime.GOOS == "windows" {
		return // neither newlines nor, without privileges, symlinks
	}
	odd := filepath.Join(root, "m", "new\nline")
	if err := os.Mkdir(odd, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "link")
	if err := os.Symlink(filepath.Join(root, "m"), link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{odd, link} {
		w, err := Find(dir, s, "")
		if err != nil || w.GoVersion != "1.21" {
			t.Errorf("%q: %+v, %v", dir, w, err)
		}
	}
}
