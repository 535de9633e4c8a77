package main

import (
	"net"
	"os"
	"os/exec"
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
		{"bazel, loop", bazel(t), "bazel/before", true},
		{"bazel, no loop with a gateway", bazel(t) + string(filepath.ListSeparator) + gosteady, "bazel/after", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			goFirst(t, realBin()) // for gosteady to find
			goFirst(t, tt.path)
			t.Setenv("LISTEN", freeAddress(t))
			t.Setenv("XDG_CACHE_HOME", t.TempDir())
			if _, err := exec.LookPath("curl"); err != nil && tt.dir == "bazel/after" {
				t.Skip("no curl here")
			}
			began := time.Now()
			err := run(filepath.Join("..", tt.dir), []string{"./build.sh"})
			if (err == nil) != tt.ok {
				t.Errorf("error %v after %v", err, time.Since(began))
			}
		})
	}
}

// bazel is a directory with a bazel that does what rules_go does: it runs a go command of its
// own for the modules, with the variables that it is given.
func bazel(t *testing.T) string {
	dir := t.TempDir()
	script := "#!/bin/sh\nexec '" + filepath.Join(realBin(), "go") + "' mod download\n"
	if err := os.WriteFile(filepath.Join(dir, "bazel"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// freeAddress is one that nothing listens on.
func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// The two repositories differ only in what this is about.
func TestSameModule(t *testing.T) {
	for _, dir := range []string{"", "bazel", "monorepo/api", "monorepo/worker"} {
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
