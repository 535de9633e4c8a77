package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/steady"
	"github.com/gosteady/gosteady/shim"
)

// goFirst puts a directory with a go command first in PATH.
func goFirst(t *testing.T, dir string) {
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("PAUSE", "0")
	t.Setenv("GOSTEADY_STATE", t.TempDir())
}

func realBin() string { return filepath.Join(modtest.GOROOT(), "bin") }

func TestExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples are shell scripts")
	}
	gosteady := t.TempDir()
	if err := modtest.Build(gosteady, shim.Run, steady.Main); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path, dir string
		ok              bool
	}{
		{"loop with go", realBin(), "before", true},
		{"no loop with go", realBin(), "after", false},
		{"no loop with gosteady", gosteady, "after", true},
		{"modules, loop with go", realBin(), "monorepo/before", true},
		{"modules, no loop with go", realBin(), "monorepo/after", false},
		{"modules, no loop with gosteady", gosteady, "monorepo/after", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			goFirst(t, realBin()) // for gosteady to find
			goFirst(t, tt.path)
			began := time.Now()
			err := run(filepath.Join("..", tt.dir), []string{"./build.sh"})
			if (err == nil) != tt.ok {
				t.Errorf("error %v after %v", err, time.Since(began))
			}
		})
	}
}

// The two repositories differ only in what this is about.
func TestSameModule(t *testing.T) {
	for _, dir := range []string{"", "monorepo/api", "monorepo/worker"} {
		for _, name := range []string{"go.mod", "go.sum", "main.go"} {
			file := func(version string) string {
				repository, module, _ := strings.Cut(dir, "/")
				return filepath.Join("..", repository, version, module, name)
			}
			before, err := os.ReadFile(file("before"))
			if err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(file("after"))
			if err != nil || string(before) != string(after) {
				t.Errorf("%s differs (%v)", file("after"), err)
			}
		}
	}
}

// go.sum must be that of the modules that the proxy serves.
func TestSums(t *testing.T) {
	store, err := newStore()
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, path := range modules {
		lines, err := store.Sum(path, "v1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		want += lines
	}
	got, err := os.ReadFile(filepath.Join("..", "before", "go.sum"))
	if err != nil || string(got) != want {
		t.Errorf("go.sum has\n%s\nwant\n%s(%v)", got, want, err)
	}
}
