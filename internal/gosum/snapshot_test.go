package gosum

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/module"
)

const missing = "<none>"

// all lines are the go command's.
func all(module.Version) Writer { return Ours }

func write(t *testing.T, file, text string) {
	t.Helper()
	var err error
	if text == missing {
		err = os.RemoveAll(file)
	} else {
		err = os.WriteFile(file, []byte(text), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestUndo(t *testing.T) {
	const a, b, c = "a.b/a v1.0.0 h1:A=\n", "a.b/b v1.0.0 h1:B=\n", "a.b/c v1.0.0 h1:C=\n"
	for _, tt := range []struct{ name, before, after, now, want string }{
		{"nothing happened", a, a, a, a},
		{"nothing there", missing, missing, missing, missing},
		{"added", a, a + b, a + b, a},
		{"made", missing, b, b, missing},
		{"made empty", missing, "", "", ""},
		{"filled", "", b, b, ""},
		{"dropped", a + b, a, a, a},
		{"removed", a, missing, missing, missing},
		{"another branch's", a + b, a + c, a + c, a},
		{"others added since", a, a + b, a + b + c, a + c},
		{"others made it since", missing, b, b + c, c},
		{"others removed it since", a, a + b, missing, missing},
		{"others added before", a, a, a + c, a + c},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "go.sum")
			write(t, file, tt.before)
			before := Take(file)
			write(t, file, tt.after)
			after := before.Now()
			write(t, file, tt.now)
			if err := before.Undo(after, all); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(file)
			if os.IsNotExist(err) {
				got = []byte(missing)
			}
			if string(got) != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// What another process has written stays; in doubt, everything does.
func TestUndoOfOurs(t *testing.T) {
	const before, ours, theirs, odd = "a.b/a v1.0.0 h1:A=\n", "a.b/b v1.0.0/go.mod h1:B=\n", "a.b/c v1.0.0 h1:C=\n", "<<<<<<< HEAD\n"
	whose := func(m module.Version) Writer {
		return map[module.Version]Writer{{Path: "a.b/c", Version: "v1.0.0"}: Others, {Path: "a.b/d", Version: "v1.0.0"}: Unknown}[m]
	}
	for _, tt := range []struct {
		after, want string
		fails       bool
	}{
		{before + ours + theirs + odd, before + theirs + odd, false},
		{before + ours + "a.b/d v1.0.0/go.mod h1:D=\n", before + ours + "a.b/d v1.0.0/go.mod h1:D=\n", true},
	} {
		file := filepath.Join(t.TempDir(), "go.sum")
		write(t, file, before)
		s := Take(file)
		write(t, file, tt.after)
		err := s.Undo(s.Now(), whose)
		if got, _ := os.ReadFile(file); string(got) != tt.want || (err != nil) != tt.fails {
			t.Errorf("%v, %q, want %q", err, got, tt.want)
		}
	}
}

// A file that is there and was not read is not taken for a missing one.
func TestUndoUnread(t *testing.T) {
	file := filepath.Join(t.TempDir(), "go.sum")
	if err := os.Mkdir(file, 0o777); err != nil {
		t.Fatal(err)
	}
	before := Take(file)
	if before.Undo(before.Now(), all) == nil {
		t.Error("no error")
	}
}

// TestUndoFails: the caller must know, and run nothing that would go by it.
func TestUndoFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "go.sum")
	before := Take(file)
	write(t, file, "a.b/a v1.0.0 h1:A=\n")
	after := before.Now()
	write(t, file, missing)
	if err := os.MkdirAll(filepath.Join(file, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	if before.Undo(after, all) == nil {
		t.Error("a folder in the place of go.sum was no error")
	}
}

func TestSnapshotSums(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "go.sum"), filepath.Join(dir, "go.work.sum")
	write(t, one, "a.b/a v1.0.0 h1:A=\nbroken\n")
	write(t, two, "a.b/b v1.0.0/go.mod h1:B=\n")
	s := Take(one, two, filepath.Join(dir, "none"))
	write(t, one, "")
	if got := s.Sums().Versions(); len(got) != 2 {
		t.Errorf("%v", got)
	}
}
