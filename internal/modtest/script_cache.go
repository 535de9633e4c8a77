package modtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdKeep remembers the module cache as it is.
func cmdKeep(ts *testscript.TestScript, _ bool, _ []string) {
	kept := filepath.Join(ts.Getenv("WORK"), ".env", "kept")
	ts.Check(os.RemoveAll(kept))
	ts.Check(os.CopyFS(kept, os.DirFS(ts.Getenv("GOMODCACHE"))))
}

// cmdAgain makes a new module cache, a copy of the kept one. It has another path,
// so that nothing in the build cache is about it.
func cmdAgain(ts *testscript.TestScript, _ bool, _ []string) {
	cmdFresh(ts, false, nil)
	kept := filepath.Join(ts.Getenv("WORK"), ".env", "kept")
	ts.Check(os.CopyFS(ts.Getenv("GOMODCACHE"), os.DirFS(kept)))
}

// cmdSameAgain is "same" with a copy of the kept module cache for each.
func cmdSameAgain(ts *testscript.TestScript, neg bool, args []string) {
	compare(ts, neg, args, cmdAgain)
}

// cmdGarble damages every file below a directory whose path has a word in it.
func cmdGarble(ts *testscript.TestScript, _ bool, args []string) {
	n := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.Contains(filepath.ToSlash(name), args[1]) {
			n++
			damage(ts, name, func(b []byte) []byte {
				for i := range b {
					b[i] ^= 0x55
				}
				return b
			})
		}
		return err
	}))
	if n == 0 {
		ts.Fatalf("no file of %s is like %s", args[0], args[1])
	}
}
