package wholefile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state", "file")
	for _, text := range []string{"first, and longer\n", "second\n", ""} {
		if err := WriteString(file, text); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("%q, %v, want %q", got, err, text)
		}
	}
	for _, path := range []string{file, filepath.Dir(file)} {
		if fi, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && fi.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v: not for the user alone", path, fi.Mode(), err)
		}
	}
}

// TestWriteFails: whatever goes wrong, the old text stays and nothing else does.
func TestWriteFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := WriteString(file, "old"); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	err := Write(file, func(w io.Writer) error {
		if _, err := io.WriteString(w, "ne"); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("%v, want %v", err, full)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "old" {
		t.Errorf("%q, %v", got, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteString(filepath.Join(dir, "folder"), "text"); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if err := WriteString(filepath.Join(file, "below"), "text"); err == nil {
		t.Error("a file was written below a file")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestUpdate: everybody sees what the others have written.
func TestUpdate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "count")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				if err := Update(file, func(old []byte) (string, error) { return string(old) + "x", nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if data, _ := os.ReadFile(file); string(data) != strings.Repeat("x", 40) {
		t.Errorf("%q", data)
	}
	no := errors.New("no")
	if err := Update(file, func([]byte) (string, error) { return "", no }); err != no {
		t.Error(err)
	}
	if data, _ := os.ReadFile(file); len(data) != 40 {
		t.Errorf("%q", data)
	}
}
