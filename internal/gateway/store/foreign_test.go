package store

import (
	"bytes"
	"os"
	"path/filepath"
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
