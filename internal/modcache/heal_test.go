package modcache

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/module"
)

// Of several that met the same damage, one repairs it, and all know that running
// again helps.
func TestHealTogether(t *testing.T) {
	w := newWorld(t)
	w.overwrite(w.file(dep, Zip), "garbage")
	w.remove(w.moduleDir(dep))
	out, err := w.goCommand(nil, "build", "-o", os.DevNull, ".")
	if err == nil {
		t.Fatal("plain go builds")
	}
	var group sync.WaitGroup
	var repaired atomic.Int32
	for range 5 {
		group.Go(func() {
			h := w.cache.Heal(context.Background(), w.cache.Suspects(out, w.sums), w.sums, w.fetcher(), true)
			if !h.Healed() {
				t.Error("does not know that it was healed")
			}
			for _, o := range h.Outcomes {
				if o.Done[0] != meanwhile {
					repaired.Add(1)
				}
			}
		})
	}
	group.Wait()
	if repaired.Load() != 1 {
		t.Errorf("repaired %d times", repaired.Load())
	}
	w.accepted(offline...)
	late := w.cache.Suspects(out, w.sums)
	late.Since = time.Now()
	if w.cache.Heal(t.Context(), late, w.sums, w.fetcher(), true).Healed() {
		t.Error("a command that began later counts as healed")
	}
}

// What was just downloaded was not repaired, and a right cache is not healed.
func TestHealNothing(t *testing.T) {
	w := newWorld(t)
	s := Suspects{Versions: w.sums.Versions()}
	if h := w.cache.Heal(t.Context(), s, w.sums, w.fetcher(), true); h.Healed() {
		t.Errorf("healed %v", h.Outcomes)
	}
}

// A toolchain is changed by cmd/go after it was extracted. That is no damage,
// and what is repaired can be executed.
func TestToolchain(t *testing.T) {
	w := emptyWorld(t)
	chain := module.Version{Path: toolchainPath, Version: "v0.0.1-go1.99.1.linux-amd64"}
	w.check(w.store.Add(chain.Path, chain.Version, map[string]string{
		"bin/go": "#!/bin/sh\n", "bin/gofmt": "#!/bin/sh\n", "src/_go.mod": "module std\n", "VERSION": "go1.99.1\n",
	}))
	w.write("go.mod", "module example.com/main\n")
	w.must("mod", "download", chain.String())
	dir := w.moduleDir(chain)
	w.check(os.Chmod(filepath.Join(dir, "src"), 0o777))
	w.check(os.WriteFile(filepath.Join(dir, "src", "go.mod"), []byte("module std\n"), 0o444))
	w.check(os.Chmod(filepath.Join(dir, "bin", "go"), 0o555))
	if state := w.cache.Verify(t.Context(), []module.Version{chain}, nil)[0]; state.Status != Complete {
		t.Fatalf("as cmd/go leaves it: %v", state)
	}
	w.remove(filepath.Join(dir, "bin", "gofmt"))
	w.overwrite(filepath.Join(dir, "VERSION"), "")
	w.overwrite(w.file(chain, Zip), "garbage")
	o := w.cache.Repair(t.Context(), w.cache.Verify(t.Context(), []module.Version{chain}, nil), nil, w.fetcher())
	if len(o) != 1 || !o[0].Repaired() {
		t.Fatalf("not repaired: %v", o)
	}
	fi, err := os.Stat(filepath.Join(dir, "bin", "gofmt"))
	w.check(err)
	if runtime.GOOS != "windows" && fi.Mode()&0o111 == 0 { // there a name says what can be executed
		t.Error("gofmt cannot be executed")
	}
}

// Files and folders have the modes that go itself gives them.
func TestModes(t *testing.T) {
	for _, writable := range []bool{false, true} {
		w := newWorld(t)
		if writable {
			w.env = append(w.env, "GOFLAGS=-modcacherw")
			w.remove(w.moduleDir(dep))
			w.must("mod", "download")
		}
		w.cache.Writable = writable
		before := modes(t, w.moduleDir(dep))
		w.remove(filepath.Join(w.moduleDir(dep), "sub")) // which leaves its parent writable
		w.check(os.Chmod(w.moduleDir(dep), before["."].Perm()))
		w.repair(dep)
		for name, mode := range modes(t, w.moduleDir(dep)) {
			if mode != before[name] {
				t.Errorf("%s: %v, was %v", name, mode, before[name])
			}
		}
	}
}

func modes(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	list := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		rel, _ := filepath.Rel(dir, path)
		list[rel] = fi.Mode()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
