package modtest

import (
	"os"
	"path/filepath"

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
