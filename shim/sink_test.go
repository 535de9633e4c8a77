package shim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRunsDoNotRepeat: what a run has passed on before it failed is not said again by
// the next one.
func TestRunsDoNotRepeat(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	suspect := func(line []byte) bool { return strings.HasPrefix(string(line), "bad") }
	var told shown
	for i, said := range []string{"a\na\nbad\nb\n", "a\na\na\nbad again\n", "a\nc\na\n# h\nb\nPIN: ", "# h\nb\nPIN: "} {
		s := &sink{dst: file, suspect: suspect, shown: &told}
		s.begin(nil)
		for line := range strings.Lines(said) {
			s.take([]byte(line), false)
		}
		if i < 3 {
			s.drop()
		} else {
			s.flush()
		}
	}
	got, err := os.ReadFile(file.Name())
	if want := "a\na\na\nc\n# h\nb\nPIN: # h\nPIN: "; err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func TestShownIsBounded(t *testing.T) {
	var told shown
	s := &sink{shown: &told}
	line := []byte(strings.Repeat("x", 1000) + "\n")
	for i := range 2 * maxShown / len(line) {
		line[i%1000]++
		s.take(line, false)
	}
	if !told.full() || told.size > maxShown+len(line) || len(s.lines) > maxShown/1000+1 {
		t.Errorf("%d bytes, %d lines", told.size, len(s.lines))
	}
}
