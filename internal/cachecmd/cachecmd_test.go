package cachecmd

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/steadytest"
)

// A world is a project whose cache is looked after.
type world struct{ *steadytest.Project }

func newWorld(t *testing.T) *world { return &world{steadytest.NewProject(t)} }

// open does something with the cache.
func (w *world) open(work func(*View) error) error {
	w.Helper()
	view, err := Open(w.Place)
	w.Check(err)
	defer view.Close()
	return work(view)
}

// repaired asserts how much is left after a repair, -1 if it fails, and what its
// text has.
func (w *world) repaired(left int, r Repair, has ...string) {
	w.Helper()
	var out strings.Builder
	got := -1
	err := w.open(func(view *View) error {
		result, err := r.Run(w.Context(), view)
		if err != nil {
			return err
		}
		got = result.Left()
		return result.Text(&out)
	})
	w.assert(err, &out, has)
	if got != left {
		w.Errorf("%+v: %d left, want %d", r, got, left)
	}
}

// pruned asserts what the text of a pruning has, or its error.
func (w *world) pruned(p Prune, has ...string) {
	w.Helper()
	var out strings.Builder
	p.ByAge, p.Now = true, time.Now()
	err := w.open(func(view *View) error {
		pruning, err := p.Run(w.Context(), view)
		if err != nil {
			return err
		}
		return pruning.Text(&out)
	})
	w.assert(err, &out, has)
}

// assert looks for texts in what was written, or in the error.
func (w *world) assert(err error, out *strings.Builder, has []string) {
	w.Helper()
	if err != nil {
		out.WriteString(err.Error())
	}
	for _, text := range has {
		if !strings.Contains(out.String(), text) {
			w.Errorf("no %q in:\n%s", text, out)
		}
	}
}

func TestRepair(t *testing.T) {
	w := newWorld(t)
	w.repaired(0, Repair{}, "gosteady: 1 module version verified", "nothing is damaged")
	w.Damage(steadytest.DepX, "")
	w.Damage(steadytest.DepZip, "garbage")
	w.repaired(1, Repair{DryRun: true}, "example.com/dep@v1.0.0: zip-unreadable", "dir-wrong", "1 damaged; repair with 'go steady repair'")
	if data, _ := os.ReadFile(w.File(steadytest.DepZip)); string(data) != "garbage" {
		t.Error("a dry run changed something")
	}
	w.repaired(0, Repair{}, "zip replaced", "directory repaired: changed x.go", "1 damaged, all repaired")
	w.repaired(0, Repair{All: true}, "2 module versions verified", "nothing is damaged")
	w.Go("mod", "verify")
}

func TestRepairOffline(t *testing.T) {
	w := newWorld(t)
	w.Damage(steadytest.DepZip, "garbage")
	w.Proxy.Refuse()
	refused := "connection refused"
	if runtime.GOOS == "windows" { // "… actively refused it"
		refused = "refused"
	}
	w.repaired(1, Repair{}, "left: fetching a replacement: ", refused, "1 damaged, 1 left as before")
	if data, _ := os.ReadFile(w.File(steadytest.DepZip)); string(data) != "garbage" {
		t.Error("the damaged zip was touched without a replacement")
	}
}

func TestRepairAll(t *testing.T) {
	w := newWorld(t)
	w.Damage("example.com/idle@v1.0.0/x.go", "")
	w.repaired(0, Repair{DryRun: true}, "nothing is damaged")
	w.Place.Dir = t.TempDir()
	w.repaired(-1, Repair{}, "no go.mod here", "--all")
	w.repaired(0, Repair{All: true}, "example.com/idle@v1.0.0", "all repaired")
}

// A finding says what was wrong in words for programs, too.
func TestFinding(t *testing.T) {
	w := newWorld(t)
	w.Damage(steadytest.DepX, "")
	w.Check(w.open(func(view *View) error {
		result, err := Repair{DryRun: true}.Run(w.Context(), view)
		w.Check(err)
		if len(result.Findings) != 1 {
			t.Fatalf("%+v", result.Findings)
		}
		f := result.Findings[0]
		if f.Module != "example.com/dep" || f.Version != "v1.0.0" || len(f.Damage) != 1 || f.Damage[0].Kind != "dir-wrong" {
			t.Errorf("%+v", f)
		}
		return nil
	}))
}

func TestRepairLog(t *testing.T) {
	w := newWorld(t)
	w.Damage(steadytest.DepX, "")
	w.Damage("example.com/idle@v1.0.0/x.go", "") // which the log does not name
	log := "main.go:3:8: " + w.File(steadytest.DepX) + ":1:1: expected 'package', found 'EOF'\n"
	w.repaired(0, Repair{Log: &log}, "example.com/dep@v1.0.0", "all repaired")
	w.repaired(1, Repair{All: true, DryRun: true}, "example.com/idle@v1.0.0", "1 damaged")
	for _, log := range []string{"--- FAIL: TestX (0.00s)\n", ""} {
		w.repaired(-1, Repair{Log: &log}, ErrNoSuspect.Error())
	}
}

func TestPrune(t *testing.T) {
	w := newWorld(t)
	then := time.Now().Add(-1000 * time.Hour)
	w.Check(filepath.WalkDir(w.Cache, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, then, then)
	}))
	w.pruned(Prune{UnusedFor: 720 * time.Hour, DryRun: true}, "example.com/idle@v1.0.0", "would delete 1 of 2 module versions")
	w.pruned(Prune{UnusedFor: 2000 * time.Hour}, "deleted 0 of 2")
	w.pruned(Prune{UnusedFor: 720 * time.Hour}, "deleted 1 of 2")
	if _, err := os.Stat(w.File("example.com/idle@v1.0.0")); err == nil {
		t.Error("not deleted")
	}
	w.Go("build", "-o", os.DevNull, ".")
}

func TestPruneKeep(t *testing.T) {
	w := newWorld(t)
	other := t.TempDir()
	w.Check(os.WriteFile(filepath.Join(other, "go.mod"), []byte("module example.com/other\n\ngo 1.21\n\nrequire example.com/idle v1.0.0\n"), 0o666))
	w.pruned(Prune{UnusedFor: 1, DryRun: true, Keep: []string{other}}, "would delete 0 of 2")
	w.pruned(Prune{UnusedFor: 1, DryRun: true, Keep: []string{t.TempDir()}}, "--keep", "no go.mod")
}
