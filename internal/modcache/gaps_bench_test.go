package modcache

import "testing"

// BenchmarkGaps compares the look before a command whose failure could not be
// healed with the one that repair begins with.
func BenchmarkGaps(b *testing.B) {
	w := largeWorld(b, 60, 30)
	versions := w.sums.Versions()
	b.Run("gaps", func(b *testing.B) {
		for b.Loop() {
			if gaps, edits := w.cache.Gaps(b.Context(), versions); len(gaps)+len(edits) > 0 {
				b.Fatal(gaps)
			}
		}
	})
	b.Run("quick", func(b *testing.B) {
		for b.Loop() {
			for _, s := range w.cache.Quick(b.Context(), versions, w.sums) {
				if len(s.Damage) > 0 {
					b.Fatal(s)
				}
			}
		}
	})
}
