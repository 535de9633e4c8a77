package repofile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(file, 4); string(data) != "text" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if data, err := Read(file, 3); data != nil || err == nil {
		t.Errorf("beyond the bound: %q, %v", data, err)
	}
	if data, err := Head(file, 2); string(data) != "te" || err != nil {
		t.Errorf("head: %q, %v", data, err)
	}
	if _, err := Read(filepath.Join(dir, "none"), 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := Read(dir, 1<<20); !errors.Is(err, ErrNotRegular) {
		t.Errorf("directory: %v", err)
	}
	if err := os.Symlink(file, link); err != nil || !followed(link) {
		t.Skip("no links here") // those of Wine lead nowhere
	}
	if _, _, err := OpenItself(link); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a link that must be none: %v", err)
	}
	if data, err := Read(link, 9); string(data) != "text" || err != nil {
		t.Errorf("link: %q, %v", data, err)
	}
}

func followed(link string) bool {
	_, err := os.Stat(link)
	return err == nil
}
