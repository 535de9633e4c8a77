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
	later := time.Now().Add(time.Second)
	for name, test := range map[string]struct {
		damage func(w *world)
		gap    bool
	}{
		"none":                 {func(*world) {}, false},
		"file missing":         {func(w *world) { w.remove(filepath.Join(w.moduleDir(dep), "dep.go")) }, true},
		"file of another size": {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "package dep\n") }, true},
		"file written later": {func(w *world) {
			file := filepath.Join(w.moduleDir(dep), "dep.go")
			w.overwrite(file, strings.Replace(w.read(file), "{ return", "( return", 1))
			w.check(os.Chtimes(file, later, later))
		}, true},
		"file written later, the same": {func(w *world) { w.check(os.Chtimes(filepath.Join(w.moduleDir(dep), "dep.go"), later, later)) }, false},
		"file that somebody changed": {func(w *world) {
			file := filepath.Join(w.moduleDir(dep), "dep.go")
			w.overwrite(file, strings.Replace(w.read(file), "return", "println(1); return", 1))
		}, false},
		"file of another package":   {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "package other\n") }, true},
		"file with zeroes in it":    {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "testdata/a.in"), "some text\x00\x00") }, true},
		"text that somebody wrote":  {func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "testdata/a.in"), "other text\n") }, false},
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
