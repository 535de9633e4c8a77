package shim

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gosteady/gosteady/shim/front"
)

// maxLook bounds the folders that are looked at before every command that runs
// user code. In a larger tree an edit goes unseen.
const maxLook = 100

// edited reports whether a Go file of the packages that the command line names was
// written after some time: it may import what is not there yet. Packages named by
// their import paths, and those that these import in turn, are not looked at.
func edited(plan *front.Plan, since time.Time) bool {
	names := plan.Inv.Packages()
	if len(names) == 0 {
		names = []string{"."}
	}
	look := looker{since: since, left: maxLook}
	for _, name := range names {
		file := strings.HasSuffix(name, ".go")
		switch {
		case filepath.IsAbs(name):
		case file || name == "." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../"):
			name = filepath.Join(plan.Dir, name)
		default:
			continue
		}
		if file {
			fi, err := os.Stat(name)
			look.found = look.found || err == nil && fi.ModTime().After(since)
			continue
		}
		dir, below := strings.CutSuffix(name, "...")
		look.in(filepath.Clean(dir), below)
	}
	return look.found
}

// A looker looks for Go files of some age.
type looker struct {
	since time.Time
	left  int // folders
	found bool
}

// in looks at the files of a folder, and at those below it as "..." does.
func (l *looker) in(dir string, below bool) {
	entries, _ := os.ReadDir(dir) // gone: go says so
	l.left--
	for _, e := range entries {
		name := e.Name()
		switch {
		case l.found || l.left <= 0:
			return
		case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata":
		case e.IsDir() && below:
			l.in(filepath.Join(dir, name), below)
		case strings.HasSuffix(name, ".go"):
			fi, err := e.Info()
			l.found = err == nil && fi.ModTime().After(l.since)
		}
	}
}
