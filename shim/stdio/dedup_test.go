package stdio

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
	p := &Printer{Err: file}
	for i, said := range []string{"a\na\nbad\nb\n", "a\na\na\nbad again\n", "a\nc\na\n# h\nb\nPIN: ", "# h\nb\nPIN: "} {
		o := Outputs{Err: p.Output(Options{To: file, Suspect: suspect, Once: true})}
		for line := range strings.Lines(said) {
			o.Err.line([]byte(line), false)
		}
		if i < 3 {
			o.Drop()
		} else {
			o.Flush()
		}
	}
	got, err := os.ReadFile(file.Name())
	if want := "a\na\na\nc\n# h\nb\nPIN: # h\nPIN: "; err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func TestDedupIsBounded(t *testing.T) {
	p := &Printer{}
	o := p.Output(Options{Once: true})
	line := []byte(strings.Repeat("x", 1000) + "\n")
	for i := range 2 * maxSeen / len(line) {
		line[i%1000]++
		o.line(line, false)
	}
	if !p.lines.full() || p.lines.size > maxSeen+len(line) || len(o.to.lines) > maxSeen/1000+1 {
		t.Errorf("%d bytes, %d lines", p.lines.size, len(o.to.lines))
	}
}
