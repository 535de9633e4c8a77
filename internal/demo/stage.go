package demo

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/internal/faultproxy"
)

// A fault is a module of the demonstration and what befalls it.
type fault struct {
	module string
	file   string // extension of the file that fails
	rule   string
	says   string
}

// faults are what the field reports most, one of each kind: a connection that
// dies in a zip, a proxy that is overloaded, a network that answers for it.
var faults = []fault{
	{"example.com/large", ".zip", "reset", "connection reset in the middle"},
	{"example.com/busy", ".zip", "status=503 retry-after=1", "503 Service Unavailable"},
	{"example.com/travel", ".info", "html", "an HTML page with status 200"},
}

const version = "v1.0.0"

func (f fault) path() string { return "/" + f.module + "/@v/" + version + f.file }

func (f fault) what() string { return f.module + "@" + version + " " + f.file }

// A stage is the proxy, the module that is downloaded for, and a directory that
// holds everything the commands write.
type stage struct {
	proxy     *faultproxy.Proxy
	root      string
	moduleDir string
	gosumdb   string
	inherited []string
}

func newStage(env []string) (*stage, error) {
	s := &stage{inherited: inheritedFrom(env)}
	store := faultproxy.NewStore()
	for _, f := range faults {
		if err := store.Add(f.module, version, files(f.module)); err != nil {
			return nil, err
		}
	}
	db, err := store.SumDB("sumdb.demo")
	if err != nil {
		return nil, err
	}
	if s.proxy, err = faultproxy.Start(faultproxy.Config{Content: store, Rules: rules()}); err != nil {
		return nil, err
	}
	s.gosumdb = db.Key + " " + s.proxy.URL() + "/sumdb/" + db.Name
	if err = s.makeModule(store); err != nil {
		s.clear()
		return nil, err
	}
	return s, nil
}

func rules() string {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintln(&b, f.path(), "first=1", f.rule)
	}
	return b.String()
}

// files is a package that is large enough to be cut in the middle: its text
// does not compress well.
func files(module string) map[string]string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %s is part of gosteady's demonstration.\npackage %[1]s\n\n", filepath.Base(module))
	b.WriteString("// Table fills the zip.\nvar Table = []uint64{\n")
	h := fnv.New64a()
	for range 4000 {
		h.Write([]byte(module))
		fmt.Fprintf(&b, "\t%#x,\n", h.Sum64())
	}
	b.WriteString("}\n")
	return map[string]string{"table.go": b.String()}
}

// makeModule writes the main module, with a complete go.sum.
func (s *stage) makeModule(store *faultproxy.Store) (err error) {
	if s.root, err = os.MkdirTemp("", "gosteady-demo-"); err != nil {
		return err
	}
	s.moduleDir = filepath.Join(s.root, "module")
	mod := "module example.com/demo\n\ngo 1.21\n\nrequire (\n"
	sum := ""
	for _, f := range faults {
		mod += "\t" + f.module + " " + version + "\n"
		lines, err := store.Sum(f.module, version)
		if err != nil {
			return err
		}
		sum += lines
	}
	for _, dir := range []string{s.moduleDir, filepath.Join(s.root, "home"), filepath.Join(s.root, "telemetry")} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			return err
		}
	}
	// Go's telemetry would write in the background, when we have tidied up already.
	if err := os.WriteFile(filepath.Join(s.root, "telemetry", "mode"), []byte("off"), 0o666); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.moduleDir, "go.mod"), []byte(mod+")\n"), 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.moduleDir, "go.sum"), []byte(sum), 0o666)
}

// rewind makes the proxy fail anew, for the second command.
func (s *stage) rewind() error {
	s.proxy.Forget()
	return s.proxy.Script(rules())
}

func (s *stage) clear() {
	s.proxy.Close()
	if s.root != "" {
		os.RemoveAll(s.root) // the module caches were made writable, see environ
	}
}

// inherits are the only variables that the commands get from outside: what
// processes need, and nothing that configures go or gosteady. In any spelling: some are
// of Windows, and none means another thing elsewhere.
var inherits = []string{
	"PATH", "PATHEXT", "SYSTEMROOT", "WINDIR", "COMSPEC", "TMPDIR", "TMP", "TEMP", "LANG", "LC_ALL",
}

func inheritedFrom(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := environ.Cut(kv)
		return !slices.ContainsFunc(inherits, func(kept string) bool { return environ.Of("windows").Same(name, kept) })
	})
}

// environ is the environment for a command with a module cache of that name.
func (s *stage) environ(cache string) []string {
	in := func(names ...string) string { return filepath.Join(append([]string{s.root}, names...)...) }
	return append(slices.Clip(s.inherited),
		"HOME="+in("home"), "USERPROFILE="+in("home"), "AppData="+in("home"), "LocalAppData="+in("home"),
		"GOPATH="+in(cache), "GOMODCACHE="+in(cache, "mod"), "GOCACHE="+in("gocache"),
		"GOPROXY="+s.proxy.URL(), "GOSUMDB="+s.gosumdb,
		"GOENV=off", "GOWORK=off", "GOTOOLCHAIN=local", "TEST_TELEMETRY_DIR="+in("telemetry"),
		"GOFLAGS=-modcacherw", // so that it can all be removed
		"GOSTEADY_STATE="+in("state"),
	)
}
