package modcache

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
)

func TestGaps(t *testing.T) {
	touch := func(w *world, file string) { // after it was extracted
		later := time.Now().Add(time.Second)
		w.check(os.Chtimes(file, later, later))
	}
	for name, test := range map[string]struct {
		damage func(w *world)
		fit    fit
	}{
		"none":                 {func(*world) {}, whole},
		"file missing":         {func(w *world) { w.remove(filepath.Join(w.moduleDir(dep), "dep.go")) }, gap},
		"file of another size": {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "package dep\n") }, gap},
		"file written later": {func(w *world) {
			file := filepath.Join(w.moduleDir(dep), "dep.go")
			w.overwrite(file, strings.Replace(w.read(file), "{ return", "( return", 1))
			touch(w, file)
		}, edited},
		"file written later, the same": {func(w *world) { touch(w, filepath.Join(w.moduleDir(dep), "dep.go")) }, whole},
		"file that somebody changed": {func(w *world) {
			file := filepath.Join(w.moduleDir(dep), "dep.go")
			w.overwrite(file, strings.Replace(w.read(file), "return", "println(1); return", 1))
		}, edited},
		"file of another package":   {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "package other\n") }, edited},
		"file with zeroes in it":    {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "testdata/a.in"), "some text\x00\x00") }, gap},
		"text that somebody wrote":  {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "testdata/a.in"), "other text\n") }, edited},
		"directory missing":         {func(w *world) { w.remove(w.moduleDir(dep)) }, whole},
		"directory of no zip":       {func(w *world) { w.remove(w.file(dep, Zip)) }, whole},
		"nothing":                   {func(w *world) { w.remove(w.file(dep, Zip)); w.remove(w.moduleDir(dep)) }, whole},
		"garbage to be extracted":   {func(w *world) { w.overwrite(w.file(dep, Zip), "garbage"); w.remove(w.moduleDir(dep)) }, gap},
		"garbage, extracted before": {func(w *world) { w.overwrite(w.file(dep, Zip), "garbage") }, whole},
	} {
		w := newWorld(t)
		test.damage(w)
		gaps, edits := w.cache.Gaps(context.Background(), w.sums.Versions())
		want := map[fit][]module.Version{test.fit: {dep}}
		if !slices.Equal(gaps, want[gap]) || !slices.Equal(edits, want[edited]) {
			t.Errorf("%s: gaps %v, edits %v", name, gaps, edits)
		}
	}
}
