package relay

import (
	"strings"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/upstream"
)

// files is what go has requested and got, and what came of it. The zero value is nothing.
type files struct {
	requested set[module.Version] // go asked for a file of the version, or looked it up
	had       set[modproxy.Item]  // go got a good answer for it, or finds it in the module cache by our doing
	zips      set[modproxy.Item]  // zips that go has had; one that an installer has tried, too
	unproven  set[modproxy.Item]  // that go got in this run without a proof that they are what go.sum names
	wrong     sync.Map            // *modproxy.Invalid: what was found wrong with an item afterwards
	carriers  set[carrier]        // who said that they carry a checksum database
}

// A carrier is an entry that carries a checksum database.
type carrier struct {
	db    string
	entry int
}

// got notes a good answer. One without a proof saves a second hash (see
// modproxy.SmallZip): go proves it itself, and keeps in the module cache what is right.
func (f *files) got(entry int, it modproxy.Item, file *upstream.File) {
	f.had.add(it)
	switch {
	case it.Kind == modproxy.Supported && entry >= 0:
		f.carriers.add(carrier{it.DB, entry})
	case it.Kind == modproxy.Zip:
		f.zips.add(it)
	}
	if !file.Proven && it.Exact() {
		f.unproven.add(it)
	}
}

// installed notes that a zip was put into the module cache.
func (f *files) installed(it modproxy.Item) {
	f.had.add(it)
	f.zips.add(it)
}

// refused notes that a zip could not be installed: it is verified in full for whoever
// asks for it now. wrong is what was wrong with it, so that it counts as healed when go then
// gets the right one; nil if nothing was.
func (f *files) refused(it modproxy.Item, wrong *modproxy.Invalid) {
	f.zips.add(it)
	if wrong != nil {
		f.wrong.Store(it, wrong)
	}
}

// takeWrong returns what was found wrong with a file before, once; nil if nothing was.
func (f *files) takeWrong(it modproxy.Item) *modproxy.Invalid {
	wrong, _ := f.wrong.LoadAndDelete(it)
	w, _ := wrong.(*modproxy.Invalid)
	return w
}

// modules are the module paths that are no guesses of go's: those that the project
// names, and those that some upstream has.
type modules struct {
	named func() []module.Version // by the project
	once  sync.Once
	paths set[string]
}

func (m *modules) fill() {
	m.once.Do(func() {
		for _, v := range m.named() {
			m.paths.add(v.Path)
		}
	})
}

func (m *modules) has(path string) bool {
	m.fill()
	return m.paths.has(path)
}

// hasPrefix reports whether there is a module whose path is a prefix of path.
func (m *modules) hasPrefix(path string) bool {
	for i := strings.LastIndexByte(path, '/'); i >= 0; i = strings.LastIndexByte(path, '/') {
		if path = path[:i]; m.has(path) {
			return true
		}
	}
	return false
}

// namedModules are those of the project's go.sum, go.mod and workspace.
func (r *Relay) namedModules() []module.Version {
	return append(r.config.Sums.Versions(), r.config.Required...)
}

// knows reports whether an item is one that the project names, or that some
// upstream has, and not go's guess at a module path.
func (r *Relay) knows(it modproxy.Item) bool {
	return it.Mod.Path == "" || it.Mod.Path == modproxy.Toolchain || r.config.Sums.Names(it.Mod) || r.modules.has(it.Mod.Path)
}

// LookedUp reports whether go looks versions up through the relay.
func (r *Relay) LookedUp() bool { return r.sumdb.mirrors != nil || len(r.files.carriers.list()) > 0 }
