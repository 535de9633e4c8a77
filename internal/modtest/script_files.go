package modtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// maybeRead is the text of a file, empty if there is none.
func maybeRead(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// readFiles reads a directory's own files and those below, hidden ones excepted.
func readFiles(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name()[0] == '.' && name != dir {
			return fs.SkipDir
		}
		if d.Type().IsRegular() {
			files[name] = maybeRead(name)
		}
		return nil
	})
	return files, err
}

// writeFiles makes a directory's files what they were, and removes further ones.
func writeFiles(dir string, files map[string]string) error {
	now, err := readFiles(dir)
	if err != nil {
		return err
	}
	for name := range now {
		if _, ok := files[name]; !ok {
			os.Remove(name)
		}
	}
	for name, text := range files {
		if now[name] != text {
			if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}

// damage rewrites a file that may be read-only.
func damage(ts *testscript.TestScript, name string, change func([]byte) []byte) {
	name = ts.MkAbs(name)
	data, err := os.ReadFile(name)
	ts.Check(err)
	ts.Check(os.Chmod(name, 0o666))
	ts.Check(os.WriteFile(name, change(data), 0o666))
}

func cmdFlip(ts *testscript.TestScript, _ bool, args []string) {
	damage(ts, args[0], func(b []byte) []byte {
		if len(b) > 0 {
			b[len(b)/2] ^= 0x20
		}
		return b
	})
}

func cmdTruncate(ts *testscript.TestScript, _ bool, args []string) {
	damage(ts, args[0], func(b []byte) []byte { return b[:len(b)/2] })
}

func cmdAppendTo(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	ts.Check(os.WriteFile(name, []byte(maybeRead(name)+args[1]+"\n"), 0o666))
}

func cmdEmptyDir(ts *testscript.TestScript, neg bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if neg == (len(entries) == 0) {
		ts.Fatalf("%s has %v", args[0], entries)
	}
}

// cmdSecretFree looks through everything that a command may have written besides
// the module and the caches.
func cmdSecretFree(ts *testscript.TestScript, neg bool, args []string) {
	found := ""
	for _, dir := range []string{"state", "home", "config", "local", "roaming"} {
		filepath.WalkDir(filepath.Join(ts.Getenv("WORK"), ".env", dir), func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.Contains(maybeRead(name), args[0]) {
				found = name
			}
			return nil
		})
	}
	if neg == (found == "") {
		ts.Fatalf("%s: %s", args[0], found)
	}
}
