package relay

import (
	"maps"
	"strings"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// files is what go has got, and what came of it.
type files struct {
	mu       sync.Mutex
	asked    map[module.Version]bool             // go asked for a file of the version, or looked it up
	had      map[modproxy.Item]bool              // go got a good answer for it, or finds it in the module cache by our doing
	zips     map[modproxy.Item]bool              // zips that go has had; one that an installer has tried, too
	wrong    map[modproxy.Item]*modproxy.Invalid // what was found wrong with it afterwards
	carriers map[string]int                      // by checksum database, the entry that said that it carries it
}

func newFiles() files {
	return files{asked: map[module.Version]bool{}, had: map[modproxy.Item]bool{}, zips: map[modproxy.Item]bool{}, wrong: map[modproxy.Item]*modproxy.Invalid{}, carriers: map[string]int{}}
}

// ask notes a request of go's.
func (f *files) ask(it modproxy.Item) {
	if it.Mod.Version == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[it.Mod] = true
}

// wasAsked reports whether go asked about a version.
func (f *files) wasAsked(m module.Version) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[m]
}

// got notes a good answer.
func (f *files) got(entry int, it modproxy.Item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.had[it] = true
	switch it.Kind {
	case modproxy.Supported:
		if entry >= 0 {
			f.carriers[it.DB] = entry
		}
	case modproxy.Zip:
		f.zips[it] = true
	}
}

// installed notes that a zip was put into the module cache.
func (f *files) installed(it modproxy.Item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.had[it], f.zips[it] = true, true
}

// refused notes that a zip could not be installed: it is verified in full for whoever
// asks for it now. wrong is what was wrong with it, so that it counts as healed when go then
// gets the right one; nil if nothing was.
func (f *files) refused(it modproxy.Item, wrong *modproxy.Invalid) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.zips[it] = true
	if wrong != nil {
		f.wrong[it] = wrong
	}
}

// takeWrong returns what was found wrong with a file before, once; nil if nothing was.
func (f *files) takeWrong(it modproxy.Item) *modproxy.Invalid {
	f.mu.Lock()
	defer f.mu.Unlock()
	wrong := f.wrong[it]
	delete(f.wrong, it)
	return wrong
}

// has reports whether go has a file, perhaps not yet in the module cache.
func (f *files) has(it modproxy.Item) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.had[it]
}

// hadZip reports whether go has had a zip: if it asks again, that was no good.
func (f *files) hadZip(it modproxy.Item) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.zips[it]
}

// countZips returns how many zips go has had.
func (f *files) countZips() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.zips)
}

// databases returns who carries which checksum database.
func (f *files) databases() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.carriers)
}

// modules are the module paths that are no guesses of go's.
type modules struct {
	named func() []module.Version // by the project; asked once, and takes no lock

	mu    sync.Mutex
	paths map[string]bool // nil: named was not yet asked
}

func (m *modules) know(path string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fill()
	return m.paths[path]
}

// learn notes that a module path exists.
func (m *modules) learn(path string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fill()
	m.paths[path] = true
}

// fill begins with what the project names; the lock is held.
func (m *modules) fill() {
	if m.paths != nil {
		return
	}
	m.paths = make(map[string]bool)
	for _, v := range m.named() {
		m.paths[v.Path] = true
	}
}

// knowShorter reports whether a module is known whose path is a prefix of path.
func (m *modules) knowShorter(path string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fill()
	for {
		i := strings.LastIndexByte(path, '/')
		if i < 0 {
			return false
		}
		if path = path[:i]; m.paths[path] {
			return true
		}
	}
}

// namedModules are those of the project's go.sum, go.mod and workspace.
func (r *Relay) namedModules() []module.Version {
	return append(r.config.Sums.Versions(), r.config.Required...)
}

// knows reports whether an item is one that the project names, or that some
// upstream has, and not go's guess at a module path.
func (r *Relay) knows(it modproxy.Item) bool {
	return it.Mod.Path == "" || it.Mod.Path == modproxy.Toolchain || r.config.Sums.Names(it.Mod) || r.modules.know(it.Mod.Path)
}

// learn notes that an upstream has an item's module.
func (r *Relay) learn(it modproxy.Item) {
	if !r.knows(it) {
		r.modules.learn(it.Mod.Path)
	}
}

// LookedUp reports whether go looks versions up through the relay.
func (r *Relay) LookedUp() bool { return r.sumdb.mirrors != nil || len(r.files.databases()) > 0 }
