package stamp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// module writes a module whose files are an hour old.
func module(t *testing.T) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	for name, text := range map[string]string{
		"main.go":           "package main\n\nimport (\n\t\"fmt\"\n\t\"m/sub\"\n)\n",
		"main_test.go":      "package main\n\nimport \"x/test\"\n",
		"sub/sub.go":        "package sub\n\nimport _ \"m/deep\"\n",
		"deep/deep.go":      "package deep\n\nimport (\n\t\"x/deep\"\n\t\"r/replaced\"\n)\n",
		"deep/a_windows.go": "package deep\n\nimport \"x/windows\"\n",
		"deep/tag.go":       "//go:build some\n\npackage deep\n\nimport \"x/tagged\"\n",
		"deep/cgo.go":       "package deep\n\nimport \"C\"\n",
		"other/other.go":    "package other\n\nimport \"x/other\"\n",
		"testdata/t.go":     "package t\n",
		"tools/go.mod":      "module tools\n",
		"tools/tool.go":     "package tools\n\nimport \"x/tool\"\n",
		"replaced/r.go":     "package replaced\n\nimport \"x/replaced\"\n",
		"malformed/x.go":    "packag",
		"main.txt":          "",
	} {
		write(t, filepath.Join(dir, name), text, old)
	}
	for _, folder := range []string{".", "sub", "deep", "other", "tools", "replaced", "malformed"} {
		os.Chtimes(filepath.Join(dir, folder), old, old)
	}
	return dir
}

func write(t *testing.T, file, text string, when time.Time) {
	t.Helper()
	os.MkdirAll(filepath.Dir(file), 0o777)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, when, when); err != nil {
		t.Fatal(err)
	}
}

func scanner(dir string, tests bool) *Scanner {
	return &Scanner{
		Local: map[string]string{"m": dir, "r": dir}, Tests: tests, Since: time.Now().Add(-time.Minute).UnixNano(),
	}
}

func TestScan(t *testing.T) {
	dir := module(t)
	for _, tt := range []struct {
		path    string
		below   bool
		file    bool
		tests   bool
		folders string
	}{
		{".", false, false, false, ". sub deep replaced"},
		{"main.go", false, true, false, ". sub deep replaced"},
		{"sub", false, false, false, "sub deep replaced"},
		{"other", false, false, false, "other"},
		{".", true, false, true, ". deep malformed other replaced sub tools"},
		{"none", true, false, false, ""},
	} {
		got, err := scanner(dir, tt.tests).Scan([]Pattern{{Path: filepath.Join(dir, tt.path), Below: tt.below, File: tt.file}})
		var folders []string
		for _, f := range got.Folders {
			rel, _ := filepath.Rel(dir, f.Path)
			folders = append(folders, rel)
		}
		if strings.Join(folders, " ") != tt.folders || err != nil {
			t.Errorf("%+v: %q, %v", tt, folders, err)
		}
	}
}

// TestSources edits a file and asks whether something new may have to be fetched.
func TestSources(t *testing.T) {
	for _, tt := range []struct {
		name, file, text string
		tests, below     bool
		want             bool
	}{
		{name: "nothing", want: true},
		{name: "the same imports", file: "main.go", text: "package main\n\nimport \"m/sub\"\n\nfunc main() {}\n", want: true},
		{name: "an import of another file", file: "main.go", text: "package main\n\nimport \"x/deep\"\n", want: true},
		{name: "a new import", file: "main.go", text: "package main\n\nimport \"x/new\"\n"},
		{name: "a new import of what is imported", file: "deep/deep.go", text: "package deep\n\nimport \"x/new\"\n"},
		{name: "a new import elsewhere", file: "other/other.go", text: "package other\n\nimport \"x/new\"\n", want: true},
		{name: "an import of another system", file: "main.go", text: "package main\n\nimport \"x/windows\"\n"},
		{name: "an import with a tag", file: "main.go", text: "package main\n\nimport \"x/tagged\"\n"},
		{name: "an import of a test", tests: true, file: "main.go", text: "package main\n\nimport \"x/test\"\n"},
		{name: "its own import", tests: true, file: "main_test.go", text: "package main_test\n\nimport \"x/test\"\n", want: true},
		{name: "a test that is not loaded", file: "main_test.go", text: "package main_test\n\nimport \"x/new\"\n", want: true},
		{name: "a tag that went", file: "deep/tag.go", text: "package deep\n\nimport \"x/tagged\"\n"},
		{name: "a tag that stays", file: "deep/tag.go", text: "//go:build some\n\npackage deep\n", want: true},
		{name: "mended", below: true, file: "malformed/x.go", text: "package malformed\n"},
		{name: "a new file", file: "new.go", text: "package main\n"},
		{name: "no Go file", file: "new.txt", want: true},
		{name: "a new folder", file: "folder/x.go", text: "package folder\n", want: true},
		{name: "a new folder below", below: true, file: "folder/x.go", text: "package folder\n"},
		{name: "another module", below: true, file: "tools/tool.go", text: "package tools\n\nimport \"x/new\"\n", want: true},
	} {
		dir := module(t)
		sources, err := scanner(dir, tt.tests).Scan([]Pattern{{Path: dir, Below: tt.below}})
		if err != nil {
			t.Fatal(err)
		}
		if tt.file != "" {
			write(t, filepath.Join(dir, tt.file), tt.text, time.Now())
		}
		if got := sources.hold(); got != tt.want {
			t.Errorf("%s: holds: %t", tt.name, got)
		}
	}
}

// What files import beside those that were named may not have been loaded.
func TestNamedFiles(t *testing.T) {
	for text, want := range map[string]bool{
		"package main\n\nimport \"fmt\"\n":      true,
		"package main\n\nimport \"m/deep\"\n":   true,
		"package main\n\nimport \"x/beside\"\n": false,
	} {
		dir := module(t)
		write(t, filepath.Join(dir, "beside.go"), "package main\n\nimport \"x/beside\"\n", time.Now().Add(-time.Hour))
		s := &Stamp{}
		var err error
		if s.Sources, err = scanner(dir, false).Scan([]Pattern{{Path: filepath.Join(dir, "main.go"), File: true}}); err != nil {
			t.Fatal(err)
		}
		written, err := s.encode()
		if err != nil {
			t.Fatal(err)
		}
		if s, err = decode([]byte(written)); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "main.go"), text, time.Now())
		if got := s.Holds(); got != want {
			t.Errorf("%q: holds: %t", text, got)
		}
	}
}

func TestRemoved(t *testing.T) {
	dir := module(t)
	sources, err := scanner(dir, false).Scan([]Pattern{{Path: dir}})
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, "deep", "deep.go"))
	if !sources.hold() {
		t.Error("what is gone imports nothing")
	}
	os.RemoveAll(filepath.Join(dir, "deep"))
	if sources.hold() {
		t.Error("a folder is gone")
	}
}

func TestScanRefuses(t *testing.T) {
	dir := module(t)
	write(t, filepath.Join(dir, "new.go"), "package main\n", time.Now())
	if _, err := scanner(dir, false).Scan([]Pattern{{Path: dir}}); !errors.Is(err, ErrEdited) {
		t.Errorf("an edit while the command ran: %v", err)
	}
	many := t.TempDir()
	for i := range maxFiles {
		write(t, filepath.Join(many, fmt.Sprintf("x%d.go", i)), "", time.Unix(1e9, 0))
	}
	if _, err := scanner(many, false).Scan([]Pattern{{Path: many}}); !errors.Is(err, ErrMany) {
		t.Errorf("many files: %v", err)
	}
}

func TestScanFile(t *testing.T) {
	for text, want := range map[string]string{
		"package p": " []",
		"package p; import (\"a\"; b \"b/c\"; `d`)": " [a b/c d]",
		"/* x */ package p\nimport \"a\"\nfunc":     " [a]",
		"//go:build x\n\npackage p":                 `"//go:build x" []`,
		"// +build x\n\npackage p":                  `"// +build x" []`,
		"package p\n\n//go:build x\n":               " []",
		"package p\nimport \"C\"":                   "cgo [C]",
		"":                                          "malformed []",
		"package p\nimport \"":                      "malformed []",
	} {
		file := filepath.Join(t.TempDir(), "x.go")
		write(t, file, text, time.Now())
		f := scanFile(file)
		slices.Sort(f.Imports)
		if got := fmt.Sprintf("%s %v", f.Rule, f.Imports); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if f := scanFile(t.TempDir()); f.Rule == "" {
		t.Error("a folder was read")
	}
}

func BenchmarkScanFile(b *testing.B) {
	file := filepath.Join(b.TempDir(), "x.go")
	text := "// Copyright\n\npackage p\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"example.com/m/sub\"\n\t\"golang.org/x/mod/module\"\n)\n" + strings.Repeat("\nfunc f() { fmt.Println(1) }\n", 300)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		scanFile(file)
	}
}
