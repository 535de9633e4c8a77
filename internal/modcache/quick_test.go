package modcache

import (
	"slices"
	"testing"
)

// Quick finds each damage that Verify finds, but for changed bytes.
func TestQuick(t *testing.T) {
	slow := []string{"zip with a byte flipped", ".ziphash wrong", ".ziphash wrong, zip gone", "file changed so that it compiles",
		".mod of a module that has none", "directory empty, zip gone", "file missing, zip gone"}
	for _, tt := range damages {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, s := range w.cache.Quick(t.Context(), w.sums.Versions(), w.sums) {
				if len(s.Damage) > 0 {
					t.Fatalf("a right cache: %v: %v", s.Module, s)
				}
			}
			tt.damage(w)
			states := w.cache.Quick(t.Context(), w.sums.Versions(), w.sums)
			found := slices.ContainsFunc(states, func(s State) bool { return len(s.Damage) > 0 })
			if !found && !slices.Contains(slow, tt.name) {
				t.Error("not found")
			}
			if !found {
				return
			}
			for _, o := range w.cache.Repair(t.Context(), states, w.sums, w.fetcher()) {
				if !o.Repaired() {
					t.Errorf("%v: %v", o, o.Err)
				}
			}
			w.accepted()
		})
	}
}
