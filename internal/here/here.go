// Package here finds what a go command would go by if it were started here: the real
// go, Go's settings, the policy.
//
// A [Place] is an environment and a directory, as parameters so that tests can have
// places of their own. Nothing is remembered between calls, and nothing is run but by
// [Place.Output].
package here

import (
	"os"
	"path/filepath"

	"github.com/gosteady/gosteady/internal/abspath"
	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/workspace"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
)

// A Place is where a go command would be started.
type Place struct {
	Env []string // the environment, "KEY=value"; of several values the last counts
	Dir string   // working directory; "" if it is gone
}

// Getenv returns the value of an environment variable, "" if it is not set.
func (p Place) Getenv(name string) string { return environ.Get(p.Env, name) }

// Path resolves a name that a person gave, against the working directory.
func (p Place) Path(name string) string { return abspath.From(p.Dir, name) }

// Shown is a file's name as a person here would write it.
func (p Place) Shown(file string) string {
	if rel, err := filepath.Rel(p.Dir, file); p.Dir != "" && err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}

// Self is our own executable, symlinks resolved; "" if nobody knows.
func Self() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	if resolved, err := filepath.EvalSymlinks(self); err == nil {
		return resolved
	}
	return self
}

// RealGo finds the real go as the shim beside us would. An error is a
// [*front.NotFoundError].
func (p Place) RealGo() (front.RealGo, error) {
	self := Self()
	return front.Finder{Getenv: p.Getenv, Argv0: filepath.Join(filepath.Dir(self), "go"), Self: self}.Find()
}

// Settings are Go's as the real go would read them. Without one, the go.env of
// its GOROOT says nothing.
func (p Place) Settings() *goenv.Settings {
	real, _ := p.RealGo()
	return goenv.Read(p.Env, real.GOROOT)
}

// Policy is what reads the policy's layers, as a go command with these settings
// would in this workspace.
func (p Place) Policy(s *goenv.Settings, w *workspace.Workspace) policy.Loader {
	l := policy.Loader{Getenv: p.Getenv, Settings: s, Dir: p.Dir, ModuleRoot: w.ModRoot}
	if w.WorkFile != "" {
		l.WorkspaceRoot = w.Root()
	}
	return l
}
