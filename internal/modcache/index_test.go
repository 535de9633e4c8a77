package modcache

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/module"
)

// The real toolchain's index is found, and dropped.
func TestIndexOfRealGo(t *testing.T) {
	w := newWorld(t)
	begun := time.Now()
	w.must("list", "-deps", ".")
	if made := w.cache.Index.made(w.moduleDir(dep)); made.Before(begun) || made.After(time.Now()) {
		t.Fatalf("made %v: the key or the entry is made in another way", made)
	}
	if w.cache.Index.LastUse(w.moduleDir(dep)).IsZero() {
		t.Error("the time of use is unknown")
	}
	if got := w.cache.DropOutdated(t.Context(), w.verify(dep)); len(got) > 0 {
		t.Errorf("outdated: %v", got)
	}
	dropped, err := w.cache.Index.Drop(w.moduleDir(dep))
	if !dropped || err != nil {
		t.Errorf("not dropped: %v", err)
	}
	if made := w.cache.Index.made(w.moduleDir(dep)); !made.IsZero() {
		t.Errorf("made %v", made)
	}
}

// A failure that has another reason costs an index once, and not each time.
func TestReindexOnce(t *testing.T) {
	w := newWorld(t)
	heal := func() bool {
		s := Suspects{Versions: []module.Version{dep}, Indexes: AnyIndex, Since: time.Now()}
		return w.cache.Heal(t.Context(), s, w.sums, w.fetcher(), true).Healed()
	}
	if heal() {
		t.Error("dropped what is not there")
	}
	w.must("list", "-deps", ".")
	if !heal() {
		t.Error("an index that nobody has doubted stays")
	}
	w.must("list", "-deps", ".")
	if heal() {
		t.Error("dropped again, though nothing has changed")
	}
	w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), w.read(filepath.Join(w.moduleDir(dep), "dep.go")))
	if !heal() {
		t.Error("the directory has changed since")
	}
	s := Suspects{Versions: []module.Version{dep}, Since: time.Now()}
	w.must("list", "-deps", ".")
	w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), w.read(filepath.Join(w.moduleDir(dep), "dep.go")))
	if w.cache.Heal(t.Context(), s, w.sums, w.fetcher(), true).Healed() {
		t.Error("no failure points at the index")
	}
}

func TestGoVersions(t *testing.T) {
	root := t.TempDir()
	c := &Cache{Dir: t.TempDir()}
	os.WriteFile(filepath.Join(root, "VERSION"), []byte("go1.30.1\ntime 2030-01-01T00:00:00Z\n"), 0o666)
	os.MkdirAll(filepath.Join(c.Dir, "golang.org", "toolchain@v0.0.1-go1.25.1.linux-amd64"), 0o777)
	os.MkdirAll(filepath.Join(c.Dir, "golang.org", "x"), 0o777)
	got := c.GoVersions(root, filepath.Join(root, "none"))
	if len(got) != 2 || got[0] != "go1.25.1" || got[1] != "go1.30.1" {
		t.Errorf("GoVersions: %q", got)
	}
}
