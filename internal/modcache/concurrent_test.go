package modcache

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// While a directory is repaired by several at once, builds that read it go on
// and none of them fails: the damage here is one that compiles.
func TestMendWhileBuilding(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.moduleDir(dep), "sub", "sub.go")
	w.check(os.Chmod(filepath.Dir(file), 0o777))
	w.check(os.Chmod(w.moduleDir(dep), 0o777))
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for range 4 {
				if out, err := w.goCommand(nil, "build", "-o", os.DevNull, "."); err != nil {
					t.Errorf("a build failed: %s", out)
				}
			}
		})
	}
	for range 6 {
		staged := w.moduleDir(dep) + ".new" // put there at once, so that only the repairing can disturb
		w.check(os.WriteFile(staged, []byte("package sub\n\nconst S = 5\n"), 0o444))
		w.check(os.Rename(staged, file))
		var repairs sync.WaitGroup
		for range 2 {
			repairs.Go(func() {
				for _, o := range w.repair(dep) {
					if o.Err != nil {
						t.Errorf("a repair failed: %v", o.Err)
					}
				}
			})
		}
		repairs.Wait()
	}
	group.Wait()
	w.accepted(offline...)
}
