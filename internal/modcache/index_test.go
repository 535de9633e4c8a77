package modcache

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The real toolchain's index is found, read, and agrees with the directory.
func TestIndexOfRealGo(t *testing.T) {
	w := newWorld(t)
	w.must("list", "-deps", ".")
	found := false
	for _, file := range w.cache.Index.keys(w.moduleDir(dep)) {
		_, output, ok := readEntry(file)
		if !ok {
			continue
		}
		found = true
		files, err := decodeIndex([]byte(w.read(filepath.Join(w.cache.Index.Dir, output[:2], output+"-d"))))
		w.check(err)
		if len(files) != 4 || files["sub/x/x.go"].pkg != "x" || files["dep.go"].imports[0] != "example.com/low" {
			t.Errorf("read %v", files)
		}
	}
	if !found {
		t.Fatal("no index found: the key is made in another way")
	}
	if w.cache.Index.stale(w.moduleDir(dep), time.Now().Add(time.Hour)) {
		t.Error("a right index counts as stale")
	}
	if w.cache.Index.LastUse(w.moduleDir(dep)).IsZero() {
		t.Error("the time of use is unknown")
	}
	dropped, err := w.cache.Index.Drop(w.moduleDir(dep))
	if !dropped || err != nil {
		t.Errorf("not dropped: %v", err)
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

// Nothing that is not an index makes the decoder panic or loop.
func FuzzDecodeIndex(f *testing.F) {
	f.Add([]byte(indexHeader + "\x14\x00\x00\x00\x00\x00\x00\x00\x00\xff"))
	f.Add([]byte(indexHeader + "\x1c\x00\x00\x00\xff\xff\xff\x7f\x00\x00\x00\x00\x0c\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		decodeIndex(data)
	})
}
