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
	for i, said := range []string{"# a\n# a\nbad\n# b\n", "# a\n# a\n# a\nbad again\n", "# a\n# c\n# a\n# b\n"} {
		s := &sink{dst: file, suspect: suspect, shown: &told}
		s.begin(nil)
		for line := range strings.Lines(said) {
			s.take([]byte(line), false)
		}
		if i < 2 {
			s.drop()
		} else {
			s.flush()
		}
	}
	got, err := os.ReadFile(file.Name())
	if want := "# a\n# a\n# a\n# c\n# b\n"; err != nil || string(got) != want {
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
