package stdio

import (
	"os"
	"path/filepath"
	"testing"
)

// Whoever reads a command's streams apart, as an editor does, must get them apart.
func TestSameOpenFile(t *testing.T) {
	pipe := func() *os.File {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close(); w.Close() })
		return w
	}
	file := func(name string) *os.File {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	one, other, dir := pipe(), pipe(), t.TempDir()
	a, b := file(filepath.Join(dir, "a")), file(filepath.Join(dir, "b"))
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, tt := range []struct {
		name string
		x, y *os.File
		want bool
	}{
		{"one pipe", one, one, true},
		{"two pipes", one, other, false},
		{"one file", a, a, true},
		{"two files", a, b, false},
		{"a file and a pipe", a, one, false},
		{"a pipe and the null device", one, null, false},
	} {
		if got := SameOpenFile(tt.x, tt.y); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
