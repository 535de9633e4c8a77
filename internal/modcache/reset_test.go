package modcache

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/gosum"
	"golang.org/x/mod/module"
)

func TestReset(t *testing.T) {
	w := newWorld(t)
	w.overwrite(w.file(dep, Zip), "garbage")
	w.overwrite(w.file(low, ZipHash), "h1:"+strings.Repeat("A", 43)+"=")
	w.overwrite(w.file(upper, Mod), "")
	w.remove(filepath.Join(w.moduleDir(dep), "sub"))
	w.overwrite(w.file(old, Partial), "")
	gosumBefore, gomodBefore := w.read(filepath.Join(w.dir, "go.sum")), w.read(filepath.Join(w.dir, "go.mod"))
	f := w.fetcher()
	f.Warm(t.Context(), w.sums.Versions())
	for _, o := range w.cache.Reset(t.Context(), w.sums.Versions(), w.sums, f) {
		if !o.Mended() {
			t.Errorf("%v: %v", o.Module, o.Err)
		}
	}
	w.accepted(offline...)
	w.noLeftovers()
	if w.read(filepath.Join(w.dir, "go.sum")) != gosumBefore || w.read(filepath.Join(w.dir, "go.mod")) != gomodBefore {
		t.Error("go.mod or go.sum changed")
	}
}

// A reset that nobody can verify, or that cannot be fetched, changes nothing.
func TestResetRefused(t *testing.T) {
	for name, spoil := range map[string]func(w *world){
		"offline": func(w *world) { w.proxy.Refuse() },
		"hostile go.sum": func(w *world) {
			w.sums, _ = gosum.Parse([]byte(dep.Path + " " + dep.Version + " h1:" + strings.Repeat("E", 43) + "=\n"))
		},
		"forked checksum database": func(w *world) { w.db.Fork() },
	} {
		t.Run(name, func(t *testing.T) {
			w := freshWorld(t)
			spoil(w)
			before := w.snapshot()
			for _, o := range w.cache.Reset(t.Context(), []module.Version{dep}, w.sums, w.fetcher()) {
				if o.Err == nil || len(o.Done) > 0 {
					t.Errorf("%v: %v", o.Module, o.Done)
				}
			}
			sameFiles(t, before, w.snapshot())
		})
	}
}
