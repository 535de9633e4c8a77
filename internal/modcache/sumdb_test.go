package modcache

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// eachRecord changes what is cached of the checksum database: tiles or lookups.
func (w *world) eachRecord(kind string, change func(data []byte) []byte) {
	w.Helper()
	w.check(filepath.WalkDir(w.cache.SumDBDir(), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.ToSlash(path), "/"+kind+"/") {
			return err
		}
		return os.WriteFile(path, change([]byte(w.read(path))), 0o666)
	}))
}

func html([]byte) []byte { return []byte("<html>log in</html>") }

func half(data []byte) []byte { return data[:len(data)/2] }

func flipped(data []byte) []byte {
	data[0] ^= 1
	return data
}

func TestQuarantineSumDB(t *testing.T) {
	for name, damage := range map[string]func(w *world){
		"tiles flipped":     func(w *world) { w.eachRecord("tile", flipped) },
		"tiles truncated":   func(w *world) { w.eachRecord("tile", half) },
		"tiles of HTML":     func(w *world) { w.eachRecord("tile", html) },
		"lookups of HTML":   func(w *world) { w.eachRecord("lookup", html) },
		"lookups truncated": func(w *world) { w.eachRecord("lookup", half) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := freshWorld(t)
			w.remove(filepath.Join(w.dir, "go.sum")) // so that go asks the database
			damage(w)
			out, err := w.goCommand(nil, "mod", "tidy")
			if err == nil {
				t.Fatal("plain go gets on with it")
			}
			s := w.cache.Suspects(out, w.sums)
			before := w.snapshot()
			offline := w.cache.Heal(t.Context(), s, w.sums, w.fetcher(), false)
			if offline.Healed() {
				t.Error("set aside offline")
			}
			sameFiles(t, before, w.snapshot())
			h := w.cache.Heal(t.Context(), s, w.sums, w.fetcher(), true)
			if len(h.Clones) != 1 {
				t.Fatalf("not set aside; suspects %v of:\n%s", s, out)
			}
			w.must("mod", "tidy")
			w.check(h.Clones[0].Finish(t.Context()))
			if dirs, _ := os.ReadDir(w.cache.SumDBDir()); len(dirs) != 1 {
				t.Errorf("left behind: %v", dirs)
			}
		})
	}
}

// A database that really forked stays refused, and the cache is as it was.
func TestSumDBForked(t *testing.T) {
	w := freshWorld(t)
	w.db.Fork()
	w.remove(filepath.Join(w.dir, "go.sum"))
	w.eachRecord("tile", flipped)
	out, err := w.goCommand(nil, "mod", "tidy")
	if err == nil {
		t.Fatal("plain go gets on with it")
	}
	h := w.cache.Heal(t.Context(), w.cache.Suspects(out, w.sums), w.sums, w.fetcher(), true)
	if out, err := w.goCommand(nil, "mod", "tidy"); err == nil {
		t.Errorf("a fork was accepted: %s", out)
	}
	for _, a := range h.Clones {
		w.check(a.Finish(t.Context()))
	}
	if dirs, _ := os.ReadDir(w.cache.SumDBDir()); len(dirs) != 1 {
		t.Errorf("left behind: %v", dirs)
	}
}
