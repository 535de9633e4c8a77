package shim

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gosteady/gosteady/shim/front"
)

// maxLook bounds the folders that are looked at before every command that runs
// user code. In a larger tree an edit goes unseen.
const maxLook = 200

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
		if !filepath.IsAbs(name) && name != "." && !strings.HasPrefix(name, "./") && !strings.HasPrefix(name, "../") && !strings.HasSuffix(name, ".go") {
			continue
		}
		if !filepath.IsAbs(name) {
			name = filepath.Join(plan.Dir, name)
		}
		switch dir, below := strings.CutSuffix(name, "..."); {
		case below:
			filepath.WalkDir(filepath.Clean(dir), look.walk)
		case strings.HasSuffix(name, ".go"):
			fi, err := os.Stat(name)
			look.found = look.found || err == nil && fi.ModTime().After(since)
		default:
			look.in(name)
		}
	}
	return look.found
}

// A looker looks for Go files of some age.
type looker struct {
	since time.Time
	left  int // folders
	found bool
}

func (l *looker) walk(dir string, d fs.DirEntry, err error) error {
	switch {
	case err != nil || l.found || l.left <= 0:
		return filepath.SkipAll
	case !d.IsDir():
		return nil
	case l.left < maxLook && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_")):
		return filepath.SkipDir
	}
	l.in(dir)
	return nil
}

func (l *looker) in(dir string) {
	l.left--
	entries, _ := os.ReadDir(dir) // gone: go says so
	for _, e := range entries {
		if l.found || !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		fi, err := e.Info()
		l.found = err == nil && fi.ModTime().After(l.since)
	}
}
