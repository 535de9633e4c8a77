// Package front is the part of the shim that runs before anything heavy is
// initialised: it finds the real go, reads the command line, chooses the route,
// and, where the route is to pass, lets the real go replace us.
//
// It imports no network, no YAML and no cryptography: everything linked into
// it is paid by every "go version".
package front

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/internal/mask"
)

// depthEnv counts how often wrappers have called each other, as "pid:count".
// It is set only where the real go may be another wrapper.
const depthEnv = "GOSTEADY_DEPTH"

// maxDepth is far above any honest chain of version managers and far below
// what exhausts a machine.
const maxDepth = 40

// IsGo reports whether we were started as the go command.
func IsGo(argv0 string) bool {
	base := filepath.Base(argv0)
	return base == "go" || strings.EqualFold(base, "go.exe")
}

// StartedAsGo reports whether this process is to be the go command: by the name it
// was started under, or, under a name of somebody's own such as a link go1.26, by
// that of the file that runs.
func StartedAsGo(argv0 string) bool {
	if filepath.Base(argv0) == RealName() {
		return true // a mistake, which Find tells of
	}
	if base := strings.TrimSuffix(filepath.Base(argv0), ".exe"); IsGo(argv0) || base == "gosteady" {
		return IsGo(argv0)
	}
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self) // not everywhere the system has done so
	}
	return err == nil && IsGo(self)
}

// Begin makes the plan for this process.
func Begin(args, env []string) (*Plan, error) {
	self, err := os.Executable()
	if err == nil {
		if resolved, err := filepath.EvalSymlinks(self); err == nil {
			self = resolved
		}
	}
	getenv := environ.Getter(env)
	real, err := Finder{Getenv: getenv, Argv0: args[0], Self: self}.Find()
	if err != nil {
		return nil, err
	}
	env, err = countDepth(env, real)
	if err != nil {
		return nil, err
	}
	return Decide(real, args[1:], env), nil
}

// countDepth keeps two wrappers that call each other from doing so for ever.
func countDepth(env []string, real RealGo) ([]string, error) {
	v, found := environ.Lookup(env, depthEnv)
	if real.GOROOT != "" { // the end of every chain
		if found {
			env = environ.Unset(env, depthEnv)
		}
		return env, nil
	}
	_, n, _ := strings.Cut(v, ":")
	count, _ := strconv.Atoi(n)
	if count >= maxDepth {
		return nil, &NotFoundError{
			Msg:  fmt.Sprintf("%s calls gosteady again and again: the two wrap each other; set GOSTEADY_GO to the go command of the toolchain itself", real.Path),
			Code: 126,
		}
	}
	return environ.Set(env, fmt.Sprintf("%s=%d:%d", depthEnv, os.Getpid(), count+1)), nil
}

// ExecReal lets the real go replace us with the plan's own command line and
// environment. It returns only if that fails.
func (p *Plan) ExecReal() *NotFoundError {
	err := Exec(p.Real.Path, p.Inv.Args, p.Environ)
	return &NotFoundError{
		Msg:  fmt.Sprintf("cannot run %s: %v; repair it, or set GOSTEADY_GO to another go command", p.Real.Path, err),
		Code: 126,
	}
}

// Fatal prints the error in our form and returns the exit status that goes
// with it.
func Fatal(err error) int {
	fmt.Fprintf(os.Stderr, console.Prefix+"%s\n", mask.Line(err.Error()))
	if nf, ok := err.(*NotFoundError); ok {
		return nf.Code
	}
	return 1
}

// Getenv returns a variable as the real go will see it.
func (p *Plan) Getenv(name string) string { return environ.Get(p.Environ, name) }
