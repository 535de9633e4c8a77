package store

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// Somebody may name a directory that has other files in it, such as the home, or what go
// has downloaded: they are not the store's, however large they are and it may be.
func TestForeignFilesStay(t *testing.T) {
	dir := t.TempDir()
	foreign := []string{"letter.txt", "example.com/!hello/@v/v0.9.0.zip", ".gatewayx/a"}
	for _, name := range foreign {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := makeDir(filepath.Dir(file)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, bytes.Repeat([]byte("x"), 4000), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, Config{Dir: dir, Max: 3000})
	s.done.Wait()
	put(t, s, item(modproxy.Zip, "v1.0.0"), "content", "")
	s.done.Wait()
	for _, name := range foreign {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	if !s.Has(item(modproxy.Zip, "v1.0.0"), "") {
		t.Error("foreign files count as the store's: its own have no room")
	}
	if n := s.Stats().Bytes; n > 3000 {
		t.Errorf("the store has %d bytes", n)
	}
}

// Who cannot get a file from the gateway must not find it on the disk.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the home's own list says who reads what")
	}
	dir := t.TempDir()
	s := open(t, Config{Dir: dir})
	put(t, s, item(modproxy.Mod, "v1.0.0"), "x", "")
	put(t, s, item(modproxy.Mod, "v1.1.0"), "x", "a")
	if err := s.Keep("a", Answer{Path: "list", Body: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{
		filepath.Join(dir, "example.com", "!hello", "@v", "v1.0.0.mod"): 0o644,
		filepath.Join(dir, "example.com", "!hello", "@v", "v1.1.0.mod"): 0o600,
		s.answerFile("a", "list"): 0o600,
	} {
		if fi, err := os.Stat(name); err != nil || fi.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", name, fi, err, want)
		}
	}
	put(t, s, item(modproxy.Mod, "v1.1.0"), "x", "")
	if fi, err := os.Stat(filepath.Join(dir, "example.com", "!hello", "@v", "v1.1.0.mod")); err != nil || fi.Mode().Perm() != 0o644 {
		t.Errorf("for everyone by now: %v, %v", fi, err)
	}
}
