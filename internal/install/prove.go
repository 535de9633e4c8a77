package install

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/shim/front"
)

// provePatience bounds a go command that prints its version.
const provePatience = time.Minute

// Prove runs each go that was installed before anyone else does: it must forward to the
// real one.
func (in *Installer) Prove(p *Plan) error {
	for _, t := range p.trees {
		if err := in.proveOne(t.bin, t.real, ""); err != nil { // whatever go the user's own commands are to have
			return err
		}
	}
	if p.shims == nil {
		return nil
	}
	if p.shims.real == "" {
		in.Warn("found no real go to forward to yet; gosteady looks for one in PATH each time it runs")
		return nil
	}
	return in.proveOne(filepath.Join(p.shims.dir, exe("go")), p.shims.real, in.Getenv("GOSTEADY_GO"))
}

func (in *Installer) proveOne(program, real, named string) error {
	ours, err := in.ask(program, named, "env", "GOVERSION")
	if err != nil {
		return fmt.Errorf("%s does not run (%w); undo this with gosteady uninstall", program, err)
	}
	theirs, err := in.ask(real, named, "env", "GOVERSION")
	if err != nil || ours != theirs {
		return fmt.Errorf("%s is %s, and %s is not; undo this with gosteady uninstall", program, ours, real)
	}
	version, err := in.ask(program, named, "version")
	if err != nil {
		return fmt.Errorf("%s does not run (%w); undo this with gosteady uninstall", program, err)
	}
	in.Say("go version, through " + program + ": " + version)
	return nil
}

// ask runs a go command from the root directory, with the variables that could make it
// fetch, stop or be another tree's set aside; GOSTEADY_GO is named, or not set.
func (in *Installer) ask(program, named string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), provePatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = filepath.VolumeName(program) + string(filepath.Separator)
	cmd.Env = os.Environ()
	for _, name := range []string{"GOROOT", "GOOS", "GOARCH", "GOEXPERIMENT", "GODEBUG", "GOSTEADY_INNER", "GOSTEADY_GO", "PATH"} {
		cmd.Env = environ.Unset(cmd.Env, name)
	}
	path := filepath.Dir(program) + string(filepath.ListSeparator) + in.Getenv("PATH")
	cmd.Env = append(cmd.Env, "PATH="+path, "GOTOOLCHAIN=local", "GOWORK=off", "GO111MODULE=on", "GOFLAGS=-mod=mod")
	if named != "" {
		cmd.Env = append(cmd.Env, "GOSTEADY_GO="+named)
	}
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// Tell ends an installation of shims: is go ours now, and if not, what to do.
func (in *Installer) Tell(p *Plan) error {
	if p.shims == nil {
		return nil
	}
	if err := in.tellGitHub(p.shims.dir); err != nil {
		return err
	}
	if first := p.shims.shadowed(); first != "" {
		in.Say("Windows puts the system's Path before the user's, and that has " + first + ": move its directory to the user's Path, or use --system")
	}
	found, _ := exec.LookPath("go") // as the shell that started us would
	switch {
	case found == filepath.Join(p.shims.dir, exe("go")):
		in.Say("ready: go is " + found)
	case found != "" && front.IsGosteady(found):
		in.Say("ready in " + p.shims.dir + "; note that go is another gosteady now: " + found)
	default:
		p.tellLine(found)
	}
	return nil
}

// tellLine says what PATH lacks.
func (p *Plan) tellLine(found string) {
	in, dir := p.in, p.shims.dir
	where := "installed, but go is still " + cmp.Or(found, "not in PATH") + ": " + dir + " has to come first in PATH"
	for _, entry := range filepath.SplitList(in.Getenv("PATH")) {
		if entry == dir {
			where = dir + " is in PATH, but after " + found + ": it has to come first"
		}
	}
	if p.options.AddPath && in.Getenv("GITHUB_PATH") == "" {
		where = "installed; open a new shell, since in this one go is still " + cmp.Or(found, "not in PATH")
	}
	in.Say(where)
	if in.Getenv("GITHUB_PATH") != "" {
		return
	}
	if in.buildsImage() {
		in.Say("in the Dockerfile, after this step:\n\n    " + imageLine(dir) + "\n")
	}
	if p.options.AddPath {
		return
	}
	if runtime.GOOS == "windows" {
		in.Say("gosteady install --add-path puts it first in the user's Path; in this terminal:\n\n    set PATH=" + dir + ";%PATH%\n")
		return
	}
	line := shLine(dir)
	if filepath.Base(in.Getenv("SHELL")) == "fish" {
		line = fishLine(dir)
	}
	in.Say("put this line last into your shell's start-up file (--add-path does it), and open a new shell:\n\n    " + line + "\n")
}

// buildsImage tells whether an image is being built: golang images set GOLANG_VERSION,
// and put /usr/local/go/bin first in PATH.
func (in *Installer) buildsImage() bool {
	return in.Getenv("GOLANG_VERSION") != "" || runtime.GOOS != "windows" && (isThere("/.dockerenv") || isThere("/run/.containerenv"))
}
