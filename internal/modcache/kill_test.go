package modcache

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modtest"
)

// steps are the names of the steps of a repair, in their order. The process
// may die before any of them: the next plain go command then finds either the
// damage that was there before, or something that it accepts.
var steps = []string{
	"lock",           // the replacement is in hand; nothing is touched yet
	"stage",          // a file is written beside its place
	"forget-zip",     // where .ziphash is wrong too, a zip that cannot be right goes: go would download it again
	"forget-ziphash", // then the wrong .ziphash goes
	"zip",            // the staged zip is renamed over
	"ziphash",        // the staged .ziphash is renamed over
	"drop-index",     // indexes of the damaged directory are removed
	"partial",        // the directory is marked: the go command now waits, and extracts it itself if we die
	"extra",          // an extra file is moved out
	"file",           // a file is renamed over
	"modes",          // folders get their permissions back
	"unpartial",      // the mark is removed
	"mod",            // the staged .mod is renamed over
	"info",           // the staged .info is renamed over
	"end",            // the lock is about to be released
}

// killAt makes this test binary a process that repairs dep and is killed
// before the n-th step. It is how TestKill re-executes itself.
const killAt = "MODCACHE_TEST_KILL_AT"

func TestMain(m *testing.M) {
	if at := os.Getenv(killAt); at != "" {
		os.Exit(repairUntil(at))
	}
	os.Exit(m.Run())
}

func repairUntil(at string) int {
	n, _ := strconv.Atoi(at)
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return 2
	}
	sums, err := gosum.ReadFiles("go.sum")
	if err != nil {
		return 2
	}
	c := &Cache{Dir: os.Getenv("GOMODCACHE"), Index: Index{Dir: os.Getenv("GOCACHE")}}
	c.Index.Versions = c.GoVersions(goSetting("GOROOT"))
	steps := 0
	c.step = func(name string) {
		if steps++; steps == n {
			fmt.Print(name)
			self.Kill()
			select {} // until the signal has come
		}
	}
	fetch := &GoFetcher{Go: "go", Env: os.Environ()}
	defer fetch.Close()
	ctx := context.Background()
	for _, o := range c.Repair(ctx, c.Verify(ctx, sums.Versions(), sums), sums, fetch) {
		if o.Err != nil {
			fmt.Fprintln(os.Stderr, o.Err)
			return 1
		}
	}
	return 0
}

// TestKill kills a repair before each of its steps. What is then on disk is
// something that plain go accepts, or some of the damage as it was before and
// nothing new. A second repair repairs it in any case.
func TestKill(t *testing.T) {
	modtest.Slow(t, "starts a process for each step of a repair")
	seen := map[string]bool{}
	for name, damage := range map[string]func(w *world){
		"zip and ziphash": func(w *world) {
			w.overwrite(w.file(dep, Zip), "garbage")
			w.overwrite(w.file(dep, ZipHash), "h1:"+strings.Repeat("A", 43)+"=")
			w.remove(w.moduleDir(dep))
		},
		"zip and directory": func(w *world) {
			w.overwrite(w.file(dep, Zip), "garbage")
			w.remove(filepath.Join(w.moduleDir(dep), "sub"))
			w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "package other\n")
			w.overwrite(filepath.Join(w.moduleDir(dep), "other.go"), "package other\n")
			w.dropIndexes()
			w.builds() // leaves an index of what is damaged
		},
		"interrupted extraction": func(w *world) {
			w.overwrite(w.file(dep, Partial), "")
			w.remove(filepath.Join(w.moduleDir(dep), "dep.go"))
		},
		"mod and info": func(w *world) {
			w.overwrite(w.file(dep, Mod), "")
			w.overwrite(w.file(dep, Info), "")
		},
	} {
		for n, more := 1, true; more; n++ {
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				w := newWorld(t)
				damage(w)
				step := w.killRepairAt(n)
				seen[step], more = true, step != ""
			})
		}
	}
	for _, step := range steps {
		if !seen[step] {
			t.Errorf("no repair was killed before step %q", step)
		}
	}
}

// killRepairAt returns the step before which the repair was killed, "" if it
// got to its end.
func (w *world) killRepairAt(n int) string {
	w.Helper()
	before := w.verify(dep)[0]
	exe, err := os.Executable()
	w.check(err)
	cmd := exec.Command(exe)
	cmd.Dir, cmd.Env, cmd.Stderr = w.dir, append(w.env, killAt+"="+strconv.Itoa(n), "TMPDIR="+w.TempDir()), os.Stderr
	out, err := cmd.Output()
	if err == nil {
		w.accepted()
		return ""
	}
	step := string(out)
	if step == "" {
		w.Fatal("the repair failed")
	}
	after := w.verify(dep)[0]
	asBefore := !slices.ContainsFunc(after.Damage, func(d Damage) bool { return !before.Has(d.Kind) })
	if out, err := w.goCommand(nil, "build", "-o", os.DevNull, "."); err != nil && !asBefore {
		w.Errorf("killed before %q, plain go says: %s\nbefore: %v\nafter: %v", step, out, before, after)
	}
	w.repair()
	w.accepted()
	return step
}
