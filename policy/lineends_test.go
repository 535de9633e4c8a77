package policy

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
)

// A file of "\r" alone is read as one of "\n" is, and within the same bounds: the parser
// counts anew at each of them, which took seconds for 64 KiB.
func TestLineEnds(t *testing.T) {
	problems := func(data []byte) []Problem {
		r := &reader{layer: Repository, file: FileName}
		r.read(data)
		return r.problems
	}
	text := []byte("version: 1\nretry: {attempts: many}\nproxie: 1\n# \"\n" + "notify: never\n")
	want := problems(text)
	if len(want) != 2 {
		t.Fatalf("%v", want)
	}
	for _, end := range []string{"\r", "\r\n"} {
		if got := problems(bytes.ReplaceAll(text, []byte("\n"), []byte(end))); !reflect.DeepEqual(got, want) {
			t.Errorf("ends %q: %v, want %v", end, got, want)
		}
	}
	many := bytes.Repeat([]byte("\r"), maxFile)
	if got := problems(many); len(got) != 1 || got[0].Text != fmt.Sprintf("more than %d lines", maxLines) {
		t.Errorf("too many lines: %v", got)
	}
}
