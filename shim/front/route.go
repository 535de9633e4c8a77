package front

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/workspace"
)

// A Plan is how one invocation will be carried out, and all that was learned
// on the way to that decision.
type Plan struct {
	Real      RealGo
	Inv       Invocation
	Environ   []string // as the real go shall see it on the pass route
	Settings  *goenv.Settings
	Dir       string               // where the command works: the working directory, or -C
	Work      *workspace.Workspace // nil if not needed for the decision, or not found
	Route     Route
	Why       string // the reason for Pass where the command itself could fetch
	Toolchain string // a toolchain that must be downloaded first ("go1.27.0"); "" if none
}

// Decide makes the plan for a command line. It only reads: a few stats for
// commands that cannot fetch, the settings and go.mod for those that can.
func Decide(real RealGo, args, env []string) *Plan {
	p := &Plan{Real: real, Environ: env}
	if v := environ.Get(env, "GOSTEADY"); v == "off" {
		p.Inv, p.Why = Invocation{Args: args}, "GOSTEADY=off"
		return p
	}
	if in, ok := ParseInner(env); ok {
		if in.Serves(env) {
			p.Inv, p.Why = Invocation{Args: args}, "served by the relay of an outer gosteady"
			return p
		}
		p.Environ = in.Restore(env)
	}
	p.Settings = goenv.Read(p.Environ, real.GOROOT)
	p.Inv = Parse(args, nil)
	p.Dir = workDir(p.Inv.Dir)
	p.Route = commandNamed(p.Inv.Command).route
	if p.Route != Pass {
		p.refine(args)
	}
	if p.Route != Supervise { // a supervised command fetches its toolchain through the relay
		p.Toolchain = p.missingToolchain()
	}
	return p
}

// refine lets flags and settings turn a route into a shorter one.
func (p *Plan) refine(args []string) {
	if goflags, err := goenv.SplitFlags(p.Settings.Get("GOFLAGS")); err == nil {
		p.Inv = Parse(args, goflags)
	}
	if p.Why = p.passes(); p.Why != "" {
		p.Route = Pass
		return
	}
	switch {
	case p.Route == Warm && p.Inv.RefusesDryRun():
		p.Route, p.Why = Pass, "-n=false"
	case p.Route == Warm && !p.Inv.RunsUserCode():
		p.Route = Supervise
	}
}

// passes returns why a command that could fetch need not be looked at, or "".
func (p *Plan) passes() string {
	in := &p.Inv
	switch {
	case in.Command == "clean" && len(in.Rest) == 0 && slices.ContainsFunc([]string{"cache", "modcache", "testcache", "fuzzcache"}, in.Bool):
		return "cleans caches only"
	case in.Command == "tool" && (len(in.Rest) == 0 || p.builtinTool(in.Rest[0])):
		return "a tool of the toolchain"
	case in.Bool("h") || in.Bool("help"):
		return "prints help"
	case p.Settings.Get("GO111MODULE") == "off":
		return "GO111MODULE=off"
	case p.Settings.Get("GOPROXY") == "off" && p.Settings.Get("GONOPROXY") == "":
		return "GOPROXY=off"
	case p.vendored():
		return "vendored"
	}
	return ""
}

// builtinTool reports whether go tool NAME runs a tool that the toolchain
// ships or builds from its own sources (internal/tool): it fetches nothing.
func (p *Plan) builtinTool(name string) bool {
	if p.Real.GOROOT == "" || name == "" || strings.ContainsAny(name, "/.") {
		return false
	}
	for _, place := range []string{"src/cmd/" + name, "pkg/tool/" + runtime.GOOS + "_" + runtime.GOARCH + "/" + name} {
		if _, err := os.Stat(filepath.Join(p.Real.GOROOT, filepath.FromSlash(place))); err == nil {
			return true
		}
	}
	return false
}

// vendored reports whether the command reads the vendor directory only.
func (p *Plan) vendored() bool {
	in := &p.Inv
	if !commandNamed(in.Command).honoursVendor() || in.AtVersion() {
		return false
	}
	if mod, ok := in.Flag("mod"); ok {
		return mod == "vendor"
	}
	w := p.Workspace()
	return w != nil && w.VendorDir != ""
}

// Workspace finds the main module once; nil outside of one.
func (p *Plan) Workspace() *workspace.Workspace {
	if p.Work == nil && p.Dir != "" {
		modfile, _ := p.Inv.Flag("modfile")
		find := workspace.Find
		if p.Inv.Command == "mod tidy" { // looks at its own module only
			find = workspace.FindModule
		}
		p.Work, _ = find(p.Dir, p.Settings, modfile) // an unreadable go.mod is for go to report
	}
	return p.Work
}

// workDir returns the directory that the command works in, "" if it is gone.
func workDir(chdir string) string {
	if filepath.IsAbs(chdir) {
		return chdir
	}
	dir, err := filepath.Abs(chdir) // Windows has paths that belong to a drive's own directory
	if err != nil {
		return ""
	}
	return dir
}
