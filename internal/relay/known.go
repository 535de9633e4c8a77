package relay

import (
	"maps"
	"strings"
	"sync"

	"golang.org/x/mod/module"
)

// files is what go has got, by path, and what came of it.
type files struct {
	mu       sync.Mutex
	asked    map[module.Version]bool // go asked for a file of the version, or looked it up
	had      map[string]bool         // go got a good answer for it, or finds it in the module cache by our doing
	zips     map[string]bool         // zips that go has had; one that an installer has tried, too
	doubts   map[string]badContent   // what was found wrong with it afterwards
	carriers map[string]*endpoint    // by checksum database, who said that it carries it
}

func newFiles() files {
	return files{asked: map[module.Version]bool{}, had: map[string]bool{}, zips: map[string]bool{}, doubts: map[string]badContent{}, carriers: map[string]*endpoint{}}
}

// ask notes a request of go's.
func (f *files) ask(it item) {
	if it.mod.Version == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[it.mod] = true
}

// wasAsked reports whether go asked about a version.
func (f *files) wasAsked(m module.Version) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[m]
}

// got notes a good answer.
func (f *files) got(e *endpoint, it item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.had[it.path] = true
	switch it.kind {
	case kindSupported:
		f.carriers[it.db] = e
	case kindZip:
		f.zips[it.path] = true
	}
}

// installed notes that a zip was put into the module cache.
func (f *files) installed(it item) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.had[it.path], f.zips[it.path] = true, true
}

// refused notes that a zip could not be installed: whoever asks for it now has
// doubts. wrong is what was wrong with it, so that it counts as healed when go then
// gets the right one; nil if nothing was.
func (f *files) refused(it item, wrong *badContent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.zips[it.path] = true
	if wrong != nil {
		f.doubts[it.path] = *wrong
	}
}

// doubt returns what was wrong with a file before, once.
func (f *files) doubt(it item) (wrong badContent, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wrong, ok = f.doubts[it.path]
	delete(f.doubts, it.path)
	return wrong, ok
}

// has reports whether go has a file, perhaps not yet in the module cache.
func (f *files) has(path string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.had[path]
}

// hadZip reports whether go has had a zip: if it asks again, it has its doubts.
func (f *files) hadZip(path string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.zips[path]
}

// countZips returns how many zips go has had.
func (f *files) countZips() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.zips)
}

// databases returns who carries which checksum database.
func (f *files) databases() map[string]*endpoint {
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

// toolchainPath is the module that toolchains are downloaded as.
const toolchainPath = "golang.org/toolchain"

// namedModules are those of the project's go.sum, go.mod and workspace.
func (r *Relay) namedModules() []module.Version {
	return append(r.config.Sums.Versions(), r.config.Required...)
}

// knows reports whether an item is one that the project names, or that some
// upstream has, and not go's guess at a module path.
func (r *Relay) knows(it item) bool {
	return it.mod.Path == "" || it.mod.Path == toolchainPath || r.config.Sums.Names(it.mod) || r.modules.know(it.mod.Path)
}

// learn notes that an upstream has an item's module.
func (r *Relay) learn(it item) {
	if !r.knows(it) {
		r.modules.learn(it.mod.Path)
	}
}
