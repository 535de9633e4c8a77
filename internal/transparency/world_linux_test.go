package transparency

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
	program "github.com/gosteady/gosteady/internal/steady"
	"github.com/gosteady/gosteady/shim"
)

// limit ends whatever a test has started and forgotten.
const limit = time.Minute

// bins has, for each side, the directory with its go.
var bins = map[side]string{}

// A side is one of the two commands that are compared.
type side string

const (
	plain  side = "plain"
	steady side = "gosteady"
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "transparency-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = layOut(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build gosteady:", err)
		return 1
	}
	return m.Run()
}

// layOut makes a directory with a go in it for each side. The real go finds its
// GOROOT through a symbolic link.
func layOut(dir string) error {
	for _, s := range []side{plain, steady} {
		bins[s] = filepath.Join(dir, string(s))
		if err := os.Mkdir(bins[s], 0o777); err != nil {
			return err
		}
	}
	real, err := exec.LookPath("go")
	if err != nil {
		return err
	}
	if err := os.Symlink(real, filepath.Join(bins[plain], "go")); err != nil {
		return err
	}
	if err := modtest.Build(bins[steady], shim.Run, program.Main); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(bins[steady], "real-go"), []byte(real+"\n"), 0o666) // as the installer does
}

func long() bool { return os.Getenv("GOSTEADY_TEST_LONG") != "" }

// A world is where one side runs: a home, caches, a module that needs others,
// and the proxy that has them.
type world struct {
	t     *testing.T
	side  side
	root  string
	dir   string // the main module
	env   []string
	proxy *faultproxy.Proxy
}

// needs is how many modules the main module requires.
const needs = 3

// newWorld makes a world whose proxy fails as the rules say.
func newWorld(t *testing.T, s side, rules string, env ...string) *world {
	t.Helper()
	root := t.TempDir()
	w := &world{t: t, side: s, root: root, dir: filepath.Join(root, "main")}
	store, files := content(t)
	for name, text := range files {
		w.write(name, text)
	}
	w.proxy = modtest.Proxy(t, faultproxy.Config{Content: store, Rules: rules})
	w.env = append(modtest.Environ(root, modtest.GOCACHE()),
		"PATH="+bins[s]+":"+filepath.Dir(modtest.RealGo(t))+":"+os.Getenv("PATH"),
		"GOPROXY="+w.proxy.URL(),
		"GOFLAGS=-modcacherw -trimpath", // so that the two worlds share what is built
		"GOSTEADY_RETRY_WAITS=20ms,50ms,100ms,200ms",
		"PROBEROOT="+root, // marks the processes of this world
	)
	w.env = append(w.env, env...)
	os.Mkdir(filepath.Join(root, "gopath"), 0o777)
	t.Cleanup(w.endAll)
	return w
}

// content is the modules of the proxy, and the files of the main module.
func content(t *testing.T) (*faultproxy.Store, map[string]string) {
	t.Helper()
	store := faultproxy.NewStore()
	mod, sum, imports := "module example.com/main\n\ngo 1.21\n\n", "", ""
	add := func(path string, files map[string]string) string {
		if err := store.Add(path, "v1.0.0", files); err != nil {
			t.Fatal(err)
		}
		lines, err := store.Sum(path, "v1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	for i := range needs {
		path := fmt.Sprintf("example.com/m%d", i)
		sum += add(path, map[string]string{"m.go": fmt.Sprintf("package m%d\n", i), "text": strings.Repeat(path, 100)})
		mod += "require " + path + " v1.0.0\n"
		imports += fmt.Sprintf("import _ %q\n", path)
	}
	add("example.com/probe", map[string]string{"main.go": probe})
	return store, map[string]string{
		"go.mod": mod, "go.sum": sum, "main.go": probe, "main_test.go": probeTest,
		"needs.go": "package main\n\n" + imports, "gen.go": "package main\n\n//go:generate sh -c $PROBEGEN\n",
	}
}

// write writes a file of the main module.
func (w *world) write(name, text string) {
	w.t.Helper()
	file := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
}

// path is a place in the world.
func (w *world) path(elem ...string) string {
	return filepath.Join(append([]string{w.root}, elem...)...)
}

func (w *world) read(elem ...string) string {
	data, err := os.ReadFile(w.path(elem...))
	if err != nil {
		return "(" + w.hide(err.Error()) + ")"
	}
	return w.hide(string(data))
}

// warm fills the module cache, so that nothing is left to fetch.
func (w *world) warm() *world {
	w.t.Helper()
	got := modtest.Run(w.t, w.dir, append(w.env, "GOSTEADY=off"), modtest.RealGo(w.t), "mod", "download")
	if got.Code != 0 {
		w.t.Fatal(got.Stderr)
	}
	w.proxy.Forget()
	return w
}

var goBuild = regexp.MustCompile(`go-build[0-9]+`)

// hide takes out of a text what is this world's alone.
func (w *world) hide(text string) string {
	text = goBuild.ReplaceAllString(text, "go-build$$N")
	return strings.NewReplacer(w.root, "$ROOT", w.proxy.Addr(), "$PROXY", bins[w.side], "$BIN").Replace(text)
}

// An outcome is all that a command leaves where somebody may look.
type outcome struct {
	status         syscall.WaitStatus
	stdout, stderr string
}

func (o outcome) String() string {
	return fmt.Sprintf("wait status %#x\nstdout:\n%s\nstderr:\n%s", uint32(o.status), clip(o.stdout), clip(o.stderr))
}

func clip(s string) string {
	if len(s) > 4000 {
		return s[:4000] + "…"
	}
	return s
}

// bash runs a script in the main module's directory, go being this side's.
func (w *world) bash(script string) outcome {
	w.t.Helper()
	return w.run("bash", "--norc", "-c", script)
}

// gocmd runs go.
func (w *world) gocmd(args ...string) outcome {
	w.t.Helper()
	return w.run(filepath.Join(bins[w.side], "go"), args...)
}

// run runs a command to its end, in a process group of its own.
func (w *world) run(name string, args ...string) outcome {
	w.t.Helper()
	p := w.start(name, args...)
	return p.wait(limit)
}

// both runs the same in two worlds and expects the same. It returns the
// gosteady world for further questions.
func both(t *testing.T, rules string, env []string, do func(w *world) outcome) *world {
	t.Helper()
	var got [2]outcome
	var last *world
	for i, s := range []side{plain, steady} {
		last = newWorld(t, s, rules, env...)
		got[i] = do(last)
	}
	if got[0] != got[1] {
		t.Errorf("plain go: %v\n\ngosteady: %v\n%s", got[0], got[1], firstDifference(got[0], got[1]))
	}
	return last
}

// firstDifference points at it, since reports are long.
func firstDifference(a, b outcome) string {
	la, lb := strings.Split(a.stdout+a.stderr, "\n"), strings.Split(b.stdout+b.stderr, "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return fmt.Sprintf("first difference:\n- %s\n+ %s", la[i], lb[i])
		}
	}
	return ""
}

// eventually waits until nothing is wrong any more.
func eventually(t *testing.T, wrong func() string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		text := wrong()
		if text == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(text)
		}
	}
}

// asked waits for the n-th request for a path of the pattern.
func (w *world) asked(pattern string, n int) {
	w.t.Helper()
	eventually(w.t, func() string {
		if w.proxy.Count(pattern) < n {
			return "nobody asked for " + pattern
		}
		return ""
	})
}
