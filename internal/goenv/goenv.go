// Package goenv knows the effective settings of the go command without
// running it.
//
// The go command takes a setting from the environment if the variable is not
// empty, else from the user's file (go env -w), else from GOROOT/go.env, else
// from a default. This package follows cmd/go/internal/cfg in that, down to
// its oddities: a line of the user's file that sets an empty value hides the
// line of GOROOT/go.env, GOENV=off disables only the user's file, and nothing
// in the files is quoted or trimmed.
//
// It runs before every command, so it reads no file before a setting asks for
// it, and imports little. Three settings that need more than files are not
// known here: the defaults of CGO_ENABLED, CC and CXX depend on which
// compilers are installed.
package goenv

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/environ"
)

// An Origin says where an effective value comes from.
type Origin int

// The places that are consulted, first to last.
const (
	FromDefault Origin = iota
	FromGOROOT
	FromUserFile
	FromEnvironment
)

var originNames = [...]string{"default", "GOROOT/go.env", "go env -w", "environment"}

// String names the place as a person knows it.
func (o Origin) String() string { return originNames[o] }

// Settings are the settings of one go command, for one environment. They are
// safe for concurrent use.
type Settings struct {
	env    []string
	goroot string // of the real go's own place; the settings may name another
	goos   string // the host's; a field so that tests can look at other systems

	once   sync.Once
	user   map[string]string
	system map[string]string
	root   string // the GOROOT whose go.env applies
}

// Read returns the settings for an environment in the form of [os.Environ].
// goroot is where the real go command finds itself, and may be empty. No file
// is read before it is needed.
func Read(env []string, goroot string) *Settings {
	return read(env, goroot, runtime.GOOS)
}

func read(env []string, goroot, goos string) *Settings {
	return &Settings{env: env, goroot: goroot, goos: goos}
}

// Environ returns the environment variable itself, whatever the files say.
func (s *Settings) Environ(name string) string { return environ.Of(s.goos).Get(s.env, name) }

// EnvFile returns the path of the user's file as "go env -w" writes it. It
// reports false if there is none: GOENV=off, or no directory to have it in.
func (s *Settings) EnvFile() (path string, ok bool) {
	switch file := s.Environ("GOENV"); file {
	case "off":
		return "", false
	case "":
		dir, ok := s.userConfigDir()
		if !ok {
			return "", false
		}
		return filepath.Join(dir, "go", "env"), true
	default:
		return file, true
	}
}

// UserFile returns what the user's file says of a setting, though the
// environment may hide it.
func (s *Settings) UserFile(name string) (value string, ok bool) {
	s.load()
	value, ok = s.user[name]
	return value, ok
}

// load reads both files, once.
func (s *Settings) load() {
	s.once.Do(func() {
		if file, ok := s.EnvFile(); ok {
			s.user = readFile(file)
		}
		s.root = s.findGOROOT()
		if s.root != "" {
			s.system = readFile(filepath.Join(s.root, "go.env"))
		}
	})
}

// findGOROOT prefers the user's file to the environment, as cmd/go does for
// the one purpose of finding go.env.
func (s *Settings) findGOROOT() string {
	for _, dir := range []string{s.user["GOROOT"], s.Environ("GOROOT"), s.goroot} {
		if dir != "" {
			return filepath.Clean(dir)
		}
	}
	return ""
}

func readFile(name string) map[string]string {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil // as cmd/go: a file that cannot be read says nothing
	}
	return parse(string(data))
}

// parse reads the lines KEY=value of a file. A line without "=", or that does
// not begin with a capital letter, is skipped; the last of several wins.
func parse(data string) map[string]string {
	m := make(map[string]string)
	for line := range strings.SplitSeq(data, "\n") {
		key, value, ok := strings.Cut(line, "=")
		if ok && line[0] >= 'A' && line[0] <= 'Z' {
			m[key] = value
		}
	}
	return m
}

// lookup is cfg.Getenv, with the origin. A value may be empty and yet not
// come from the default: an empty line of the user's file hides go.env.
func (s *Settings) lookup(name string) (string, Origin) {
	if v := s.Environ(name); v != "" {
		return v, FromEnvironment
	}
	s.load()
	if name == "GOROOT" {
		return s.root, FromDefault
	}
	if v, ok := s.user[name]; ok {
		return v, FromUserFile
	}
	if v, ok := s.system[name]; ok {
		return v, FromGOROOT
	}
	return "", FromDefault
}

// Origin says where the effective value of a setting comes from.
func (s *Settings) Origin(name string) Origin {
	_, origin := s.lookup(name)
	return origin
}

// NoProxy reports whether GONOPROXY keeps a module path from every proxy.
func (s *Settings) NoProxy(modPath string) bool {
	return module.MatchPrefixPatterns(s.Get("GONOPROXY"), modPath)
}

// NoSumDB reports whether GONOSUMDB keeps a module path from the checksum
// database.
func (s *Settings) NoSumDB(modPath string) bool {
	return module.MatchPrefixPatterns(s.Get("GONOSUMDB"), modPath)
}

// Private reports whether a module path must not be told to anyone who is not
// asked for it by GOPROXY: it matches GOPRIVATE or GONOPROXY.
func (s *Settings) Private(modPath string) bool {
	return s.NoProxy(modPath) || module.MatchPrefixPatterns(s.Get("GOPRIVATE"), modPath)
}

// GOROOT returns the effective GOROOT, "" if unknown.
func (s *Settings) GOROOT() string { return s.Get("GOROOT") }

// LocalVersion returns the version of the toolchain in GOROOT ("go1.26.8"), or
// "" if it does not say: a development tree has no VERSION file.
func (s *Settings) LocalVersion() string {
	root := s.GOROOT()
	if root == "" {
		return ""
	}
	data, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	version, _, _ := strings.Cut(strings.TrimSpace(line), " ") // "go1.26.8 X:nodwarf5"
	if !strings.HasPrefix(version, "go") {
		return ""
	}
	return version
}
