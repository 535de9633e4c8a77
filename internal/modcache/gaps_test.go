package modcache

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestGaps(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(w *world)
		gap    bool
	}{
		"none":                 {func(*world) {}, false},
		"file missing":         {func(w *world) { w.remove(filepath.Join(w.moduleDir(dep), "dep.go")) }, true},
		"file of another size": {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "package dep\n") }, true},
		"file written later": {func(w *world) {
			file := filepath.Join(w.moduleDir(dep), "dep.go")
			w.overwrite(file, strings.Replace(w.read(file), "F()", "G()", 1))
			later := time.Now().Add(time.Second)
			w.check(os.Chtimes(file, later, later))
		}, true},
		"directory missing":         {func(w *world) { w.remove(w.moduleDir(dep)) }, false},
		"directory of no zip":       {func(w *world) { w.remove(w.file(dep, Zip)) }, false},
		"nothing":                   {func(w *world) { w.remove(w.file(dep, Zip)); w.remove(w.moduleDir(dep)) }, false},
		"garbage to be extracted":   {func(w *world) { w.overwrite(w.file(dep, Zip), "garbage"); w.remove(w.moduleDir(dep)) }, true},
		"garbage, extracted before": {func(w *world) { w.overwrite(w.file(dep, Zip), "garbage") }, false},
	} {
		w := newWorld(t)
		test.damage(w)
		got := w.cache.Gaps(context.Background(), w.sums.Versions())
		if (len(got) > 0) != test.gap || test.gap && got[0] != dep {
			t.Errorf("%s: %v", name, got)
		}
	}
}
