// Package install puts gosteady where go is started, and takes it away again.
//
// There are two ways of standing there:
//
//   - shims: a directory of our own with copies named go and gosteady, which comes
//     before the real toolchain in PATH;
//   - in place: a copy at GOROOT/bin/go, with the toolchain's own go beside it as
//     go.real. This reaches what starts go by its path: editors with an SDK, setup-go's
//     directory, golang images, and the go that tests and generators start.
//
// [Installer.Plan] looks at everything and refuses what could not be undone, before
// anything is touched; [Plan.Apply] does it. What was done is kept in a [Record], by
// which [Installer.Uninstall] undoes all of it; what a record says is checked again
// before a file is renamed, since files change hands.
//
// At no moment is there no go: files are made beside their place and renamed over what
// is there, so that a process killed at any step leaves a go that works.
package install

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/shim/front"
)

// An Installer knows the machine that it works on.
type Installer struct {
	Getenv func(string) string
	Self   string       // the program that is installed: our executable, links resolved
	Say    func(string) // one line for a person, without "gosteady: "
	Warn   func(string) // the same, of what did not go well
}

// Options are what a person asked for. The zero Options install shims for the user.
type Options struct {
	Prefix  string   // the directory of the shims; "" for the usual one
	System  bool     // for all users
	AddPath bool     // put the directory first in PATH, for new shells
	GOROOTs []string // stand in place there, and make no shims unless Prefix or System asks for them
	All     bool     // in place in every toolchain that is found on this machine
	Force   bool     // also where a package manager owns the file
}

// wantsShims reports whether the options ask for a directory of shims.
func (o Options) wantsShims() bool {
	return o.Prefix != "" || o.System || len(o.GOROOTs) == 0 && !o.All
}

// A Plan is what an installation will do. Nothing in it can be refused any more, but
// the disk can still be full.
type Plan struct {
	in      *Installer
	options Options
	shims   *shims   // nil: none
	trees   []*tree  // in place
	Skipped []Action // toolchains that are left alone, with the reason
}

// An Action is one thing that was done, will be done or was left alone.
type Action struct {
	Action string `json:"action"`           // install, remove, restore, add-path, skip
	Kind   string `json:"kind"`             // shims, goroot, path, state
	Path   string `json:"path"`             // the directory or file
	Real   string `json:"real,omitempty"`   // the go that is forwarded to
	Reason string `json:"reason,omitempty"` // why it is left alone, or what to know of it
}

// Plan checks everything that the options ask for. An error is for a person: it names
// what is in the way and the way out.
func (in *Installer) Plan(o Options) (*Plan, error) {
	p := &Plan{in: in, options: o}
	if !front.IsGosteady(in.Self) {
		return nil, fmt.Errorf("%s is not gosteady: its build information is missing; build it with go build", in.Self)
	}
	for _, root := range o.GOROOTs {
		t, err := in.checkTree(root, o.Force)
		if err != nil {
			return nil, err
		}
		p.addTree(t)
	}
	if o.All {
		p.findTrees()
	}
	if o.wantsShims() {
		s, err := in.checkShims(o)
		if err != nil {
			return nil, err
		}
		p.shims = s
	}
	return p, nil
}

// addTree adds a GOROOT once, however often and by whatever names it is given.
func (p *Plan) addTree(t *tree) {
	for _, other := range p.trees {
		if other.root == t.root {
			return
		}
	}
	p.trees = append(p.trees, t)
}

// findTrees adds the toolchains of this machine, and says of the others why not.
func (p *Plan) findTrees() {
	for _, root := range Toolchains(p.in.Getenv) {
		t, err := p.in.checkTree(root, false)
		if err != nil {
			p.Skipped = append(p.Skipped, Action{Action: "skip", Kind: "goroot", Path: root, Reason: err.Error()})
			continue
		}
		p.addTree(t)
	}
}

// Actions are what Apply will do, in its order.
func (p *Plan) Actions() []Action {
	var list []Action
	for _, t := range p.trees {
		list = append(list, Action{Action: "install", Kind: "goroot", Path: t.root, Real: t.real})
	}
	if p.shims != nil {
		list = append(list, Action{Action: "install", Kind: "shims", Path: p.shims.dir, Real: p.shims.real})
		if p.options.AddPath {
			where, _ := p.shims.pathPlace(p.in)
			list = append(list, Action{Action: "add-path", Kind: "path", Path: where})
		}
	}
	return append(list, p.Skipped...)
}

// Apply does what was planned. What was done before an error stays, and is recorded.
func (p *Plan) Apply() error {
	rec := p.in.openRecord()
	for _, t := range p.trees {
		if err := t.install(p.in, rec); err != nil {
			return err
		}
		p.in.Say(fmt.Sprintf("installed in place: %s; its own go is %s", t.bin, t.real))
	}
	for _, s := range p.Skipped {
		p.in.Say("left alone: " + s.Reason)
	}
	if p.shims == nil {
		return nil
	}
	return p.shims.install(p.in, rec, p.options.AddPath)
}

// Program is a go command of ours that was installed, to be tried out.
func (p *Plan) Program() string {
	if p.shims != nil {
		return filepath.Join(p.shims.dir, exe("go"))
	}
	for _, t := range p.trees {
		return t.bin
	}
	return ""
}

// RealGo is the go that Program forwards to, "" if there is none yet.
func (p *Plan) RealGo() string {
	if p.shims != nil {
		return p.shims.real
	}
	for _, t := range p.trees {
		return t.real
	}
	return ""
}

// stateDir is where this user's gosteady keeps what it remembers, "" if nowhere.
func (in *Installer) stateDir() string { return journal.OpenStore(in.Getenv).Dir() }

// exe is a program's file name on this system.
func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// isThere reports whether there is anything of that name.
func isThere(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
