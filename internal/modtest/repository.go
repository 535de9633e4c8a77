package modtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// GOROOT is that of the go command in PATH, which runs the tests.
var GOROOT = sync.OnceValue(func() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(out))
})

// EnterRoot makes the root of this repository the working directory, for a TestMain.
// Go starts each test in the directory of its package.
func EnterRoot() {
	for {
		if _, err := os.Stat("go.mod"); err == nil {
			return
		}
		before, _ := os.Getwd()
		if err := os.Chdir(".."); err != nil {
			panic(err)
		}
		if now, err := os.Getwd(); err != nil || now == before {
			panic("the tests do not run in a checkout of gosteady")
		}
	}
}

// Sources are the files below the working directory with this ending, without those
// that are test data.
func Sources(tb testing.TB, ending string) []string {
	tb.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "dist"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ending):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}
