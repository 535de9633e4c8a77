package modcache

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
)

// pruneSteps are the names of the steps of a removal. The process may die
// before any of them.
var pruneSteps = []string{"lock", "partial", "directory", "zip", "meta", "list", "unpartial", "end"}

// age makes all of a version look as if it had been used last so long ago.
func (w *world) age(m module.Version, ago time.Duration) {
	w.Helper()
	_, err := w.cache.Index.Drop(w.moduleDir(m)) // its record is from now
	w.check(err)
	then := time.Now().Add(-ago)
	files := []string{w.file(m, Info), w.file(m, Mod), w.file(m, Zip), w.file(m, ZipHash)}
	filepath.WalkDir(w.moduleDir(m), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	for _, file := range files {
		w.check(os.Chtimes(file, then, then))
	}
}

func TestRemove(t *testing.T) {
	w := newWorld(t)
	if !w.cache.KeepsAccessTimes() {
		t.Skip("the file system keeps no access times")
	}
	since := time.Now().Add(-time.Hour)
	w.age(dep, 48*time.Hour)
	if u, err := w.cache.Usage(dep); err != nil || u.LastUse.After(since) || u.Size < 100 {
		t.Errorf("usage: %v, %v", u, err)
	}
	if removed, err := w.cache.Remove(t.Context(), low, since); removed || err != nil {
		t.Errorf("removed what was used just now: %v", err)
	}
	removed, err := w.cache.Remove(t.Context(), dep, since)
	if !removed || err != nil {
		t.Fatalf("not removed: %v", err)
	}
	for name := range w.snapshot() {
		if strings.Contains(name, filepath.Join("example.com", "dep")) && filepath.Base(name) != "list" && !strings.HasPrefix(name, w.cache.SumDBDir()) {
			t.Errorf("left: %s", name)
		}
	}
	if list := w.read(filepath.Join(filepath.Dir(w.file(dep, Mod)), "list")); list != "" {
		t.Errorf("the list still has %q", list)
	}
	w.accepted()
}

// A build is a use.
func TestRemoveUsed(t *testing.T) {
	w := newWorld(t)
	if !w.cache.KeepsAccessTimes() {
		t.Skip("the file system keeps no access times")
	}
	w.age(dep, 48*time.Hour)
	w.must("build", "-o", os.DevNull, ".")
	if removed, err := w.cache.Remove(t.Context(), dep, time.Now().Add(-time.Hour)); removed || err != nil {
		t.Errorf("removed what was used just now: %v", err)
	}
}

// A removal that is killed before any of its steps leaves what plain go
// accepts. (Here the step panics, which skips the rest as a kill would.)
func TestRemoveKilled(t *testing.T) {
	for _, step := range pruneSteps {
		t.Run(step, func(t *testing.T) {
			w := newWorld(t)
			w.age(dep, 48*time.Hour)
			w.cache.step = func(name string) {
				if name == step {
					panic(step)
				}
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Error("there is no such step")
					}
				}()
				w.cache.Remove(t.Context(), dep, time.Now().Add(-time.Hour))
			}()
			w.cache.step = nil
			w.accepted()
		})
	}
}
