package modcache

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/gosum"
)

// What plain go does about a damage when it meets it, with the network there.
type plain int

const (
	fails     plain = iota // the build fails, and fails again
	repairs                // go repairs it itself
	unnoticed              // the build works; only go mod verify can tell
)

// damages are the ways in which FAILURES of the field damage a cache, and what
// plain go makes of them. docs/how-it-works.md shows this table to people.
var damages = []struct {
	name   string
	damage func(w *world)
	kind   Kind // "" if go mod download alone repairs it before anything can be found
	plain  plain
	local  bool // can be repaired without the network
}{
	{"zip truncated, directory gone", func(w *world) {
		w.overwrite(w.file(dep, Zip), w.read(w.file(dep, Zip))[:200])
		w.remove(w.moduleDir(dep))
	}, ZipUnreadable, fails, false},
	{"zip empty, directory gone", func(w *world) {
		w.overwrite(w.file(dep, Zip), "")
		w.remove(w.moduleDir(dep))
	}, ZipUnreadable, fails, false},
	{"zip garbage, directory gone", func(w *world) {
		w.overwrite(w.file(dep, Zip), "<html>log in to the network</html>")
		w.remove(w.moduleDir(dep))
	}, ZipUnreadable, fails, false},
	{"zip garbage, directory there", func(w *world) { w.overwrite(w.file(dep, Zip), "garbage") }, ZipUnreadable, unnoticed, false},
	{"zip with a byte flipped", func(w *world) {
		data := []byte(w.read(w.file(dep, Zip)))
		data[len(dep.Path)+len(dep.Version)+60] ^= 0x55
		w.overwrite(w.file(dep, Zip), string(data))
	}, ZipUnreadable, unnoticed, false},
	{"zip of another version", func(w *world) {
		w.overwrite(w.file(dep, Zip), string(w.store.Zip(low.Path, low.Version)))
		w.remove(w.moduleDir(dep))
	}, ZipWrong, fails, false},
	{"zip and .ziphash garbage, directory gone", func(w *world) {
		w.overwrite(w.file(dep, Zip), "garbage")
		w.overwrite(w.file(dep, ZipHash), "h1:"+strings.Repeat("A", 43)+"=")
		w.remove(w.moduleDir(dep))
	}, ZipUnreadable, fails, false},
	{"zip garbage, .ziphash missing, directory gone", func(w *world) {
		w.overwrite(w.file(dep, Zip), "garbage")
		w.remove(w.file(dep, ZipHash))
		w.remove(w.moduleDir(dep))
	}, ZipUnreadable, fails, false},
	{".ziphash wrong", func(w *world) { w.overwrite(w.file(dep, ZipHash), "h1:"+strings.Repeat("A", 43)+"=") }, ZipHashWrong, fails, true},
	{".ziphash wrong, zip gone", func(w *world) {
		w.overwrite(w.file(dep, ZipHash), "h1:"+strings.Repeat("A", 43)+"=")
		w.remove(w.file(dep, Zip))
	}, ZipHashWrong, fails, true},
	{".ziphash missing", func(w *world) { w.remove(w.file(dep, ZipHash)) }, ZipHashMissing, repairs, true},
	{".ziphash missing, zip gone", func(w *world) { w.remove(w.file(dep, ZipHash)); w.remove(w.file(dep, Zip)) }, ZipHashMissing, repairs, true},
	{".ziphash empty", func(w *world) { w.overwrite(w.file(dep, ZipHash), "") }, ZipHashMalformed, repairs, true},
	{".ziphash of zeroes", func(w *world) { w.overwrite(w.file(dep, ZipHash), strings.Repeat("\x00", 47)) }, ZipHashMalformed, repairs, true},
	{".mod empty", func(w *world) { w.overwrite(w.file(dep, Mod), "") }, ModUnreadable, fails, true},
	{".mod is a web page", func(w *world) { w.overwrite(w.file(dep, Mod), "<html>\n") }, ModUnreadable, fails, true},
	{".mod of another module", func(w *world) { w.overwrite(w.file(dep, Mod), "module example.com/low\n") }, ModWrong, fails, true},
	{".mod empty, zip and directory gone", func(w *world) {
		w.overwrite(w.file(dep, Mod), "")
		w.remove(w.file(dep, Zip))
		w.remove(w.moduleDir(dep))
	}, ModUnreadable, fails, false},
	{".mod of a module that has none", func(w *world) { w.overwrite(w.file(old, Mod), "module example.com/older\n") }, ModWrong, fails, true},
	{".info garbage", func(w *world) { w.overwrite(w.file(dep, Info), "<html>") }, InfoUnreadable, repairs, false},
	{".info of another version", func(w *world) { w.overwrite(w.file(dep, Info), `{"Version":"v1.9.0","Time":"2020-01-01T00:00:00Z"}`) }, InfoWrong, unnoticed, false},
	{".partial left behind", func(w *world) { w.overwrite(w.file(dep, Partial), "") }, DirPartial, repairs, true},
	{".partial and half a directory", func(w *world) {
		w.overwrite(w.file(dep, Partial), "")
		w.remove(filepath.Join(w.moduleDir(dep), "dep.go"))
	}, DirPartial, repairs, true},
	{".partial without a directory", func(w *world) {
		w.overwrite(w.file(dep, Partial), "")
		w.remove(w.moduleDir(dep))
	}, DirPartial, repairs, true},
	{"a file in place of the directory", func(w *world) {
		w.remove(w.moduleDir(dep))
		w.overwrite(w.moduleDir(dep), "what?")
	}, DirPartial, repairs, true},
	{"directory empty", func(w *world) {
		w.remove(w.moduleDir(dep))
		w.check(os.Mkdir(w.moduleDir(dep), 0o777))
	}, DirWrong, fails, true},
	{"file missing", func(w *world) { w.remove(filepath.Join(w.moduleDir(dep), "sub", "sub.go")) }, DirWrong, fails, true},
	{"package missing", func(w *world) { w.remove(filepath.Join(w.moduleDir(dep), "sub", "x")) }, DirWrong, fails, true},
	{"file empty", func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "") }, DirWrong, fails, true},
	{"file truncated", func(w *world) { w.overwrite(filepath.Join(w.moduleDir(dep), "dep.go"), "package dep\n") }, DirWrong, fails, true},
	{"file of zeroes", func(w *world) {
		w.overwrite(filepath.Join(w.moduleDir(dep), "sub", "sub.go"), strings.Repeat("\x00", 30))
	}, DirWrong, fails, true},
	{"file changed so that it compiles", func(w *world) {
		w.overwrite(filepath.Join(w.moduleDir(dep), "sub", "sub.go"), "package sub\n\nconst S = 4\n")
	}, DirWrong, unnoticed, true},
	{"extra file, indexed before", func(w *world) {
		w.must("list", "-deps", ".")
		w.overwrite(filepath.Join(w.moduleDir(dep), "extra.go"), "package other\n")
	}, DirWrong, unnoticed, true},
	{"a folder in place of a file", func(w *world) {
		w.remove(filepath.Join(w.moduleDir(dep), "dep.go"))
		w.check(os.MkdirAll(filepath.Join(w.moduleDir(dep), "dep.go", "deep"), 0o777))
	}, DirWrong, fails, true},
	{"a file in place of a folder", func(w *world) {
		w.remove(filepath.Join(w.moduleDir(dep), "sub"))
		w.overwrite(filepath.Join(w.moduleDir(dep), "sub"), "")
	}, DirWrong, fails, true},
	{"file missing, zip gone", func(w *world) {
		w.remove(filepath.Join(w.moduleDir(dep), "dep.go"))
		w.remove(w.file(dep, Zip))
	}, DirWrong, fails, false},
	{"file missing, zip garbage", func(w *world) {
		w.remove(filepath.Join(w.moduleDir(dep), "dep.go"))
		w.overwrite(w.file(dep, Zip), "garbage")
	}, DirWrong, fails, false},
}

func TestPlainGo(t *testing.T) {
	for _, tt := range damages {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.damage(w)
			out, err := w.goCommand(nil, "build", "-o", os.DevNull, ".")
			if works := err == nil; works == (tt.plain == fails) {
				t.Errorf("plain go builds: %v", works)
			}
			// What go says leads to the version that is damaged, and to no harm.
			if s := w.cache.Suspects(out, w.sums); tt.plain == fails {
				if found := w.cache.Find(t.Context(), s, w.sums); len(found) != 1 || !found[0].Has(tt.kind) {
					t.Errorf("suspects %v, found %v, from:\n%s", s, found, out)
				}
			}
			state := w.verify(dep)[0]
			if tt.plain == repairs && len(state.Damage) > 0 {
				t.Errorf("plain go left: %v", state)
			}
		})
	}
}

func TestRepair(t *testing.T) {
	for _, tt := range damages {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.damage(w)
			states := w.verify(dep, old)
			if !slices.ContainsFunc(states, func(s State) bool { return s.Has(tt.kind) }) {
				t.Fatalf("found %v, want %s", states, tt.kind)
			}
			for _, o := range w.cache.Repair(t.Context(), states, w.sums, w.fetcher()) {
				if !o.Repaired() {
					t.Errorf("%v: %v", o, o.Err)
				}
			}
			if got := w.verify(dep, old); len(got[0].Damage)+len(got[1].Damage) != 0 {
				t.Errorf("left: %v", got)
			}
			if _, err := os.Stat(w.file(dep, Zip)); err == nil {
				w.accepted(offline...)
			} else { // which is no damage: go mod download brings it
				w.accepted()
			}
			w.noLeftovers()
		})
	}
}

// Without a replacement nothing is touched, and what the cache can replace
// itself is repaired all the same.
func TestRepairOffline(t *testing.T) {
	for _, tt := range damages {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.damage(w)
			before := w.snapshot()
			w.proxy.Refuse()
			repaired := true
			for _, o := range w.repair(dep, old) {
				repaired = repaired && o.Repaired()
			}
			if repaired != tt.local {
				t.Errorf("repaired offline: %v", repaired)
			}
			if !tt.local {
				sameFiles(t, before, w.snapshot())
			}
		})
	}
}

// The trap: a damaged directory that was indexed stays damaged for the go
// command after it was repaired, until the index goes.
func TestIndexTrap(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(w.moduleDir(dep), "sub", "x", "x.go")
	text := w.read(file)
	w.dropIndexes()
	w.overwrite(file, "")
	if w.builds() {
		t.Fatal("plain go builds with an empty file")
	}
	w.overwrite(file, text)
	out, err := w.goCommand(nil, "build", "-o", os.DevNull, ".")
	if err == nil {
		t.Fatal("plain go forgets the index by itself")
	}
	states := w.verify()
	if dropped := w.cache.DropOutdated(t.Context(), states); !slices.Equal(dropped, []module.Version{dep}) {
		t.Errorf("dropped %v of %v", dropped, states)
	}
	w.accepted(offline...)

	// A build cache that was filled elsewhere is newer than the directory.
	w.dropIndexes()
	w.overwrite(file, "")
	w.builds()
	w.overwrite(file, text)
	w.longAgo(w.moduleDir(dep))
	if w.builds() || len(w.cache.DropOutdated(t.Context(), w.verify())) > 0 {
		t.Fatal("the directory is not older than the index")
	}
	s := w.cache.Suspects(out, w.sums)
	if !w.cache.Heal(t.Context(), s, w.sums, w.fetcher(), true).Healed() {
		t.Errorf("not healed: %v", s)
	}
	w.accepted(offline...)
}

// longAgo makes a tree older than all that was made of it, as its lock is that was
// taken when it was extracted.
func (w *world) longAgo(dir string) {
	w.Helper()
	then := time.Now().Add(-time.Hour)
	w.check(filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, then, then)
	}))
	w.check(os.Chtimes(w.file(dep, Lock), then, then))
}

func TestIndexTrapRepair(t *testing.T) {
	w := newWorld(t)
	w.dropIndexes()
	w.remove(filepath.Join(w.moduleDir(dep), "sub", "x"))
	out, err := w.goCommand(nil, "list", "-deps", ".")
	if err == nil {
		t.Fatalf("plain go lists a package that is not there: %s", out)
	}
	if got := w.cache.Suspects(out, w.sums).Versions; !slices.Contains(got, dep) {
		t.Errorf("suspects of %q: %v", out, got)
	}
	w.repair(dep)
	w.accepted(offline...)
}

func TestIndexExternal(t *testing.T) {
	w := newWorld(t)
	w.cache.Index.External = true
	w.remove(filepath.Join(w.moduleDir(dep), "dep.go"))
	o := w.repair(dep)[0]
	if o.Repaired() || !errors.Is(o.Err, ErrExternal) {
		t.Errorf("claims a heal: %v, %v", o.Done, o.Err)
	}
	if state := w.verify(dep)[0]; state.Status != Complete {
		t.Errorf("the directory is not repaired: %v", state)
	}
}

func (w *world) dropIndexes() {
	w.Helper()
	for _, m := range w.sums.Versions() {
		_, err := w.cache.Index.Drop(w.moduleDir(m))
		w.check(err)
	}
}

// A hostile go.sum, which contradicts a good cache, changes nothing in it,
// whatever else is damaged.
func TestHostileSums(t *testing.T) {
	evil := "h1:" + strings.Repeat("E", 43) + "="
	hostile, err := gosum.Parse([]byte(dep.Path + " " + dep.Version + " " + evil + "\n" + dep.Path + " " + dep.Version + "/go.mod " + evil + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("good", func(t *testing.T) {
		w := newWorld(t)
		w.sums = hostile
		state := w.verify(dep)[0]
		if state.Has(ZipWrong) || state.Has(DirWrong) || !state.Contradicts {
			t.Errorf("found %v", state)
		}
		before := w.snapshot()
		w.repair(dep)
		sameFiles(t, before, w.snapshot())
	})
	for _, tt := range damages {
		if tt.kind == InfoUnreadable || tt.kind == InfoWrong || tt.kind == DirPartial {
			continue // go.sum says nothing about them
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sums = hostile
			tt.damage(w)
			before := w.snapshot()
			w.repair(dep)
			sameFiles(t, before, w.snapshot())
		})
	}
}

func (w *world) noLeftovers() {
	w.Helper()
	for name := range w.snapshot() {
		if strings.Contains(name, ".tmp") || strings.HasSuffix(name, ".partial") {
			w.Errorf("left behind: %s", name)
		}
	}
}

func sameFiles(t *testing.T, before, after map[string]string) {
	t.Helper()
	for name, text := range before {
		if got, ok := after[name]; !ok {
			t.Errorf("%s is gone", name)
		} else if got != text {
			t.Errorf("%s changed", name)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			t.Errorf("%s is new", name)
		}
	}
}

// A version is read in full when it is found damaged and again under the lock. Only a
// zip that has come since is read once more.
func TestReadTwice(t *testing.T) {
	for _, tt := range damages {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.damage(w)
			var mu sync.Mutex
			read := make(map[string]int)
			w.cache.hashed = func(file string) {
				mu.Lock()
				defer mu.Unlock()
				read[file]++
			}
			w.cache.Heal(t.Context(), Suspects{Versions: []module.Version{dep, old}}, w.sums, w.fetcher(), true)
			most := 2
			if !tt.local {
				most = 3
			}
			for file, n := range read {
				if n > most || n > 2 && file != w.file(dep, Zip) {
					t.Errorf("%s was read %d times", file, n)
				}
			}
		})
	}
}
