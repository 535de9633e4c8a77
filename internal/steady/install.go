package steady

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/install"
)

// installFlags are those of install; uninstall has the first few of them.
type installFlags struct {
	install.Options
	noDemo bool
	dry    bool
	json   bool
}

func newInstallCommand(app *App) *cobra.Command {
	var f installFlags
	c := &cobra.Command{
		Use:   "install",
		Short: "put gosteady where go is started",
		Long: `Install puts this program before the real go. Run it again to update.

Without --goroot or --all it makes a directory of its own with "go" and "gosteady",
to come first in PATH. With --goroot DIR it stands in place in that toolchain: at
DIR/bin/go, with the toolchain's own go beside it as go.real. That reaches what
starts go by its path: GoLand, vscode-go with an SDK, setup-go's directory, golang
images, and the go that tests and generators start.

What could not be undone is refused before anything is touched; "gosteady
uninstall" undoes all of it.`,
		Example: "  gosteady install --add-path\n  gosteady install --goroot /usr/local/go\n  gosteady install --all --dry-run",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return app.install(f) },
	}
	flags := c.Flags()
	placeFlags(c, &f)
	flags.BoolVar(&f.All, "all", false, "stand in place in every toolchain that is found on this machine")
	flags.BoolVar(&f.AddPath, "add-path", false, "put the directory first in PATH: in the shell's start-up file, on Windows in the user's Path")
	flags.BoolVar(&f.noDemo, "no-demo", false, "do not run \"gosteady demo\" at the end")
	flags.BoolVar(&f.Force, "force", false, "also stand in place where a package manager owns the toolchain (with dpkg-divert on Debian)")
	return c
}

func newUninstallCommand(app *App) *cobra.Command {
	var f installFlags
	c := &cobra.Command{
		Use:   "uninstall",
		Short: "remove gosteady, and everything that it wrote",
		Long: `Uninstall undoes what "gosteady install" and install.sh did: it restores the go of
each toolchain, removes the shims, the line in start-up files, the journal and the
list of trusted values. A policy that you wrote stays, and is named.

Without --goroot, --prefix or --system it undoes every installation that was
recorded for this user.`,
		Example: "  gosteady uninstall\n  gosteady uninstall --goroot /usr/local/go",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return app.uninstall(f) },
	}
	placeFlags(c, &f)
	return c
}

// placeFlags are the flags that install and uninstall share.
func placeFlags(c *cobra.Command, f *installFlags) {
	flags := c.Flags()
	flags.StringVar(&f.Prefix, "prefix", "", "the directory of the shims")
	flags.BoolVar(&f.System, "system", false, "shims for all users")
	flags.StringArrayVar(&f.GOROOTs, "goroot", nil, "stand in place in the toolchain of this directory; may be repeated")
	flags.BoolVar(&f.dry, "dry-run", false, "only say what would be done")
	flags.BoolVar(&f.json, "json", false, "print JSON: what is done, an object each")
}

// installer works on this machine. With --json its lines go to standard error.
func (app *App) installer(json bool) *install.Installer {
	say := app.Stdout
	if json {
		say = app.Stderr
	}
	return &install.Installer{
		Getenv: app.Getenv,
		Self:   here.Self(),
		Say:    func(line string) { fmt.Fprintln(say, console.Prefix+line) },
		Warn:   func(line string) { fmt.Fprintln(app.Stderr, console.Prefix+line) },
	}
}

func (app *App) install(f installFlags) error {
	in := app.installer(f.json)
	f.resolve(app)
	p, err := in.Plan(f.Options)
	if err != nil {
		return err
	}
	if f.dry {
		return app.printActions(p.Actions(), f, "would ")
	}
	if err := p.Apply(); err != nil {
		return err
	}
	if f.json {
		if err := app.printActions(p.Actions(), f, ""); err != nil {
			return err
		}
	}
	if p.Program() == "" {
		in.Say("found no toolchain to stand in; use shims: gosteady install")
		return nil
	}
	if err := in.Prove(p); err != nil {
		return err
	}
	if err := app.demonstrate(p, f); err != nil {
		return fmt.Errorf("installed, but the demonstration failed (%w); leave it out with --no-demo", err)
	}
	return in.Tell(p)
}

// demonstrate shows what was installed at work, where there is a real go to compare with.
func (app *App) demonstrate(p *install.Plan, f installFlags) error {
	if f.noDemo || f.json || p.RealGo() == "" {
		return nil
	}
	fmt.Fprintln(app.Stdout, console.Prefix+"gosteady demo:")
	return app.demo(p.RealGo(), p.Program())
}

func (app *App) uninstall(f installFlags) error {
	in := app.installer(f.json)
	f.resolve(app)
	done, err := in.Uninstall(f.Options, f.dry)
	switch {
	case f.dry || f.json:
		if perr := app.printActions(done, f, "would "); perr != nil {
			return perr
		}
	case len(done) == 0 && err == nil:
		in.Say("nothing to remove: gosteady is not installed " + f.where())
	case err == nil && runtime.GOOS != "windows":
		in.Say("this shell may remember the old path: hash -r")
	}
	if err == nil {
		return nil
	}
	for line := range strings.Lines(err.Error()) { // of errors.Join
		in.Warn(strings.TrimSuffix(line, "\n"))
	}
	return ExitError{Code: 1}
}

// where is what uninstall was asked to look at.
func (f *installFlags) where() string {
	switch {
	case f.Prefix != "":
		return "in " + f.Prefix
	case f.System:
		return "for all users"
	case len(f.GOROOTs) > 0:
		return "in " + strings.Join(f.GOROOTs, ", ")
	}
	return "for this user; name the place with --prefix, --system or --goroot"
}

// resolve makes the names that a person gave absolute.
func (f *installFlags) resolve(app *App) {
	if f.Prefix != "" {
		f.Prefix = app.Path(f.Prefix)
	}
	for i, root := range f.GOROOTs {
		f.GOROOTs[i] = app.Path(root)
	}
}

func (app *App) printActions(list []install.Action, f installFlags, would string) error {
	if f.json {
		return printJSONLines(app.Stdout, list)
	}
	for _, a := range list {
		what := would + a.Action + " (" + a.Kind + "): " + a.Path
		if a.Action == "skip" {
			what = "would leave alone: " + a.Reason
		} else if a.Real != "" {
			what += ", for " + a.Real
		}
		fmt.Fprintln(app.Stdout, console.Prefix+what)
	}
	if len(list) == 0 {
		fmt.Fprintln(app.Stdout, console.Prefix+"nothing would be done")
	}
	return nil
}
