package gosum

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"
)

const sample = `golang.org/x/mod v0.1.0 h1:zip0=
golang.org/x/mod v0.1.0/go.mod h1:mod0=

  golang.org/x/mod	v0.2.0/go.mod   h1:mod2=
golang.org/x/mod v0.1.0 h1:zip0=
golang.org/x/mod v0.1.0 h1:other=
golang.org/x/mod v0.3.0 h2:unknown=
golang.org/x/old v1.0.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=
`

func TestParse(t *testing.T) {
	s, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, version string
		zip, mod      []string
	}{
		{"golang.org/x/mod", "v0.1.0", []string{"h1:zip0=", "h1:other="}, []string{"h1:mod0="}},
		{"golang.org/x/mod", "v0.2.0", nil, []string{"h1:mod2="}},
		{"golang.org/x/mod", "v0.3.0", nil, nil},
		{"golang.org/x/old", "v1.0.0", nil, nil},
		{"golang.org/x/none", "v1.0.0", nil, nil},
	} {
		m := module.Version{Path: tt.path, Version: tt.version}
		if got := s.Zip(m); !slices.Equal(got, tt.zip) {
			t.Errorf("Zip(%v) = %q, want %q", m, got, tt.zip)
		}
		if got := s.GoMod(m); !slices.Equal(got, tt.mod) {
			t.Errorf("GoMod(%v) = %q, want %q", m, got, tt.mod)
		}
		if got, want := s.Names(m), tt.zip != nil || tt.mod != nil; got != want {
			t.Errorf("Names(%v) = %v, want %v", m, got, want)
		}
	}
	want := []module.Version{{Path: "golang.org/x/mod", Version: "v0.1.0"}, {Path: "golang.org/x/mod", Version: "v0.2.0"}}
	if got := s.Versions(); !slices.Equal(got, want) {
		t.Errorf("Versions = %v, want %v", got, want)
	}
}

func TestMalformed(t *testing.T) {
	s, err := Parse([]byte("a v1.0.0 h1:a=\n<<<<<<< HEAD\nb v1.0.0 h1:b= x\nc v1.0.0 h1:c=\n"))
	if err == nil || !strings.Contains(err.Error(), "go.sum:2: wrong number of fields 2") {
		t.Errorf("error = %v; want the first bad line", err)
	}
	if s.Zip(module.Version{Path: "a", Version: "v1.0.0"}) == nil || s.Zip(module.Version{Path: "c", Version: "v1.0.0"}) == nil {
		t.Error("the well-formed lines are lost")
	}
}

func TestNil(t *testing.T) {
	var s *Sums
	m := module.Version{Path: "a", Version: "v1.0.0"}
	if s.Names(m) || s.Zip(m) != nil || s.GoMod(m) != nil || s.Versions() != nil {
		t.Error("the nil *Sums knows something")
	}
}

func TestReadFiles(t *testing.T) {
	dir := t.TempDir()
	one, two, bad := filepath.Join(dir, "go.sum"), filepath.Join(dir, "go.work.sum"), filepath.Join(dir, "bad.sum")
	for name, content := range map[string]string{one: "a v1.0.0 h1:a=\n", two: "b v1.0.0 h1:b=", bad: "c v1.0.0\n"} {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := ReadFiles(one, filepath.Join(dir, "missing"), two)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Versions()) != 2 {
		t.Errorf("Versions = %v, want two", s.Versions())
	}
	s, err = ReadFiles(bad, dir, one)
	if err == nil || !strings.Contains(err.Error(), bad) {
		t.Errorf("error = %v; want both the bad file and the directory", err)
	}
	if len(s.Versions()) != 1 {
		t.Errorf("Versions = %v, want that of the good file", s.Versions())
	}
}

// FuzzParse: what was read, written out in go.sum's form, reads as the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("a b c\n\x00 d"))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, _ := Parse(data)
		second, err := Parse([]byte(first.format()))
		if err != nil {
			t.Fatal(err)
		}
		if first.format() != second.format() {
			t.Errorf("%q, then %q", first.format(), second.format())
		}
	})
}

func (s *Sums) format() string {
	var lines []string
	for path, version := range s.index.keys() {
		for _, h := range s.index.find(string(path), string(version)) {
			lines = append(lines, string(path)+" "+string(version)+" "+h+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// naive is what the file says, read as cmd/go reads it (modfetch.readGoSum).
func naive(data string) (map[string][]string, bool) {
	hashes, whole := make(map[string][]string), true
	for line := range strings.SplitSeq(data, "\n") {
		f := strings.Fields(line)
		if len(f) != 3 {
			whole = whole && len(f) == 0
			continue
		}
		if key := f[0] + " " + f[1]; strings.HasPrefix(f[2], "h1:") && f[2] != emptyGoMod && !slices.Contains(hashes[key], f[2]) {
			hashes[key] = append(hashes[key], f[2])
		}
	}
	return hashes, whole
}

// FuzzIndex: the index knows what a plain reading does, and nothing else.
func FuzzIndex(f *testing.F) {
	f.Add(sample)
	f.Add("a b h1:1\na b h1:2\r\na\tb h1:1\n\u00a0a b h1:3\n a b h1:4\na  b h1:5")
	f.Fuzz(func(t *testing.T, data string) {
		want, whole := naive(data)
		s, err := Parse([]byte(data))
		if whole != (err == nil) {
			t.Errorf("%q: error %v", data, err)
		}
		n := 0
		for path, version := range s.index.keys() {
			n++
			key := string(path) + " " + string(version)
			got := s.index.find(string(path), string(version))
			slices.Sort(got)
			slices.Sort(want[key])
			if !slices.Equal(got, want[key]) {
				t.Errorf("%q: %s is %q, want %q", data, key, got, want[key])
			}
		}
		if n != len(want) {
			t.Errorf("%q: %d keys, want %d", data, n, len(want))
		}
	})
}

// Many files, many hashes of one version: still found, and not by trying all pairs.
func TestManyLines(t *testing.T) {
	var one, other strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&one, "a.b/c v1.0.0 h1:%d=\n", i)
		fmt.Fprintf(&other, "a.b/c%d v1.0.0/go.mod h1:x=\n", i)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "one"), one.String())
	write(t, filepath.Join(dir, "other"), other.String())
	s, err := ReadFiles(filepath.Join(dir, "one"), filepath.Join(dir, "other"))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Zip(module.Version{Path: "a.b/c", Version: "v1.0.0"}); len(got) != 200_000 || got[0] != "h1:0=" {
		t.Errorf("%d hashes", len(got))
	}
	if got := s.GoMod(module.Version{Path: "a.b/c199999", Version: "v1.0.0"}); len(got) != 1 {
		t.Errorf("the last line is %q", got)
	}
	if len(s.Paths()) != 200_001 {
		t.Errorf("%d paths", len(s.Paths()))
	}
}

// What is no go.sum that anybody needs is not read.
func TestTooManyLines(t *testing.T) {
	if _, err := Parse(bytes.Repeat([]byte("\n"), maxLines+1)); err == nil {
		t.Error("no error")
	}
}

func BenchmarkParse(b *testing.B) {
	var text bytes.Buffer
	for i := range 150_000 {
		fmt.Fprintf(&text, "example.com/mod%d/sub v0.%d.0 h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydX=\nexample.com/mod%d/sub v0.%d.0/go.mod h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydX=\n", i/10, i%10, i/10, i%10)
	}
	for b.Loop() {
		if s, err := Parse(text.Bytes()); err != nil || !s.Names(module.Version{Path: "example.com/mod7/sub", Version: "v0.1.0"}) {
			b.Fatal(err)
		}
	}
}

func TestLen(t *testing.T) {
	s, err := Parse([]byte("a v1.0.0 h1:x=\na v1.0.0/go.mod h1:y=\nb v1.0.0 h2:z=\n"))
	if err != nil || s.Len() != 2 || (*Sums)(nil).Len() != 0 {
		t.Errorf("%d, %v", s.Len(), err)
	}
}
