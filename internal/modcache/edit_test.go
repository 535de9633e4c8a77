package modcache

import (
	"os"
	"path/filepath"
	"testing"
)

func TestIsEdit(t *testing.T) {
	original := "package p\n\nfunc F() {}\n"
	for now, want := range map[string]bool{
		"":                                      false,
		"package p\n":                           false, // cut short
		original + "\x00\x00":                   false,
		"package p\n\nfunc F\xff {}\n":          false,
		"package p\n\nfunc F() { println() }\n": true,
		"package p\n\nfunc F() { println( }\n":  true, // whether it builds, only building tells
		"<html>log in</html>":                   true,
	} {
		if got := isEdit([]byte(now), []byte(original)); got != want {
			t.Errorf("%q: an edit: %t", now, got)
		}
	}
}

// TestEditsAreKept: what is put back is not lost.
func TestEditsAreKept(t *testing.T) {
	w := newWorld(t)
	w.cache.Kept = t.TempDir()
	edited := "package dep\n\nfunc F() int { return 1 +\n"
	w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), edited)
	w.overwrite(filepath.Join(w.moduleDir(dep), "debug.go"), "package dep\n\nconst D = 1\n")
	w.overwrite(filepath.Join(w.moduleDir(dep), "sub", "sub.go"), "") // damage
	outcomes := w.cache.Repair(t.Context(), w.cache.Verify(t.Context(), w.sums.Versions(), w.sums), w.sums, nil)
	kept := filepath.Join(w.cache.Kept, "example.com", "dep@v1.2.0")
	if len(outcomes) != 1 || !outcomes[0].Repaired() || outcomes[0].Kept != kept {
		t.Fatalf("%+v", outcomes)
	}
	for name, want := range map[string]string{"dep.go": edited, "debug.go": "package dep\n\nconst D = 1\n", filepath.Join("sub", "sub.go"): ""} {
		if got := readOrNone(filepath.Join(kept, name)); got != want {
			t.Errorf("%s: kept %q", name, got)
		}
	}
	if got := w.read(filepath.Join(w.moduleDir(dep), "dep.go")); got != content[dep]["dep.go"] {
		t.Errorf("not put back: %q", got)
	}
}

// TestNowhereToKeep: then what cannot be kept stays where it is.
func TestNowhereToKeep(t *testing.T) {
	w := newWorld(t)
	w.cache.Kept = filepath.Join(w.dir, "main.go", "kept")
	file := filepath.Join(w.moduleDir(dep), "dep.go")
	w.overwrite(file, "package dep\n\nfunc F() int { return 1 }\n")
	outcomes := w.cache.Repair(t.Context(), w.cache.Verify(t.Context(), w.sums.Versions(), w.sums), w.sums, nil)
	if len(outcomes) != 1 || outcomes[0].Err == nil || w.read(file) != "package dep\n\nfunc F() int { return 1 }\n" {
		t.Errorf("%+v", outcomes)
	}
}

func readOrNone(file string) string {
	data, _ := os.ReadFile(file)
	return string(data)
}
