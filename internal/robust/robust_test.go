package robust

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// held is a file that another reader has open, and lets go of after a while.
func held(t *testing.T) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "held")
	if err := os.WriteFile(name, []byte("text"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	time.AfterFunc(300*time.Millisecond, func() {
		f.Close()
		close(closed)
	})
	t.Cleanup(func() { <-closed })
	return name
}

func TestRenameOfHeld(t *testing.T) {
	name := held(t)
	if err := Rename(name, name+".new"); err != nil {
		t.Error(err)
	}
}

func TestRenameOverHeld(t *testing.T) {
	name := held(t)
	staged := name + ".tmp"
	if err := os.WriteFile(staged, []byte("new"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Rename(staged, name); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(name); string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
}

func TestRenameOverReadOnly(t *testing.T) {
	dir := t.TempDir()
	old, staged := filepath.Join(dir, "old"), filepath.Join(dir, "staged")
	if err := errors.Join(os.WriteFile(old, []byte("old"), 0o444), os.WriteFile(staged, []byte("new"), 0o444)); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := Rename(staged, old); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > patience {
		t.Errorf("took %v: what is read-only is taken for busy", took)
	}
	if data, err := os.ReadFile(old); string(data) != "new" {
		t.Errorf("%q, %v", data, err)
	}
}

// A folder cannot be renamed while a file in it is open.
func TestRenameOfFolder(t *testing.T) {
	dir := filepath.Dir(held(t))
	if err := Rename(dir, dir+".aside"); err != nil {
		t.Error(err)
	}
	if err := Rename(dir+".aside", dir); err != nil {
		t.Error(err)
	}
}

func TestRemoveOfHeld(t *testing.T) {
	name := held(t)
	if err := Remove(name); err != nil {
		t.Error(err)
	}
	if err := Remove(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestRemoveReadOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "d")
	file := filepath.Join(dir, "f")
	if err := errors.Join(os.Mkdir(dir, 0o777), os.WriteFile(file, nil, 0o444)); err != nil {
		t.Fatal(err)
	}
	if err := Remove(file); err != nil {
		t.Error(err)
	}
	if err := errors.Join(os.WriteFile(file, nil, 0o444), RemoveAll(dir)); err != nil {
		t.Error(err)
	}
}

func TestMissing(t *testing.T) {
	name := filepath.Join(t.TempDir(), "missing")
	if _, err := Open(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open: %v", err)
	}
	if err := RemoveAll(name); err != nil {
		t.Errorf("RemoveAll: %v", err)
	}
}
