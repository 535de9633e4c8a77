package modtest

import (
	"errors"
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

// Root is the root of this repository. Go starts each test in the directory of its
// package, which is below it.
func Root() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("the tests do not run in a checkout of gosteady")
		}
	}
	return "", err
}

// EnterRoot makes the root of this repository the working directory, for a TestMain.
func EnterRoot() {
	root, err := Root()
	if err == nil {
		err = os.Chdir(root)
	}
	if err != nil {
		panic(err)
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
