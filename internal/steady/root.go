// Package steady has the commands of "go steady", also run as "gosteady":
// what gosteady says about itself, about failures, and about the policy.
//
// Each command is a file with a constructor, which has the flags, the streams and the
// exit status. What a command is about is a package of its own, of the same name but for
// last (report) and for repair and prune (cachecmd). Those about gosteady itself, which are
// completion, help, version and which, are all here.
//
// What each prints is in testdata/golden, whole.
package steady

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/install"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
)

// App is what every command works with: the streams, and the place it was
// started in.
type App struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	here.Place
	Toolchains func() []string // the GOROOTs of this machine; nil: none are looked for

	style    tui.Style // of Stdout
	unmasked io.Writer // Stdout, for what is handed over and not shown
	terminal *os.File  // what Stderr is, if that is a terminal
}

// ExitError carries an exit status. What there was to say has been printed
// already.
type ExitError struct{ Code int }

func (e ExitError) Error() string { return fmt.Sprintf("exit status %d", e.Code) }

// Main runs one command in a directory ("" for the present one) and returns its exit
// status.
func Main(chdir string, args []string) int {
	if chdir != "" {
		if err := os.Chdir(chdir); err != nil {
			fmt.Fprintf(os.Stderr, console.Prefix+"%v; -C needs a directory\n", err)
			return 1
		}
	}
	dir, _ := os.Getwd() // gone: commands that need it say so
	app := &App{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Place: here.Place{Env: os.Environ(), Dir: dir}}
	app.Toolchains = func() []string { return install.Toolchains(app.Getenv) }
	return app.Run(args)
}

// Run executes the command line args (without the program's name).
func (app *App) Run(args []string) int {
	app, flush := app.masked()
	defer flush()
	root := app.root()
	root.SetArgs(args)
	err := root.Execute()
	var exit ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code
	}
	fmt.Fprintf(app.Stderr, console.Prefix+"%s\n", mask.Text(err.Error()))
	return 1
}

// masked is the App with streams that let no character through which a terminal
// would obey, whatever a command prints. They are to be flushed at the end.
func (app *App) masked() (masked *App, flush func()) {
	m := *app
	m.style = tui.StyleFor(app.Stdout, app.Getenv)
	if f, ok := app.Stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && console.Draws(f) {
		m.terminal = f
	}
	m.unmasked = app.Stdout
	out, err := mask.NewWriter(app.Stdout), mask.NewWriter(app.Stderr)
	m.Stdout, m.Stderr = out, err
	return &m, func() { _ = errors.Join(out.Flush(), err.Flush()) } // as with all that is printed
}

// Commands is the tree of all commands, for what is made from it.
func Commands() *cobra.Command { return new(App).root() }

func (app *App) root() *cobra.Command {
	root := newRootCommand(app)
	root.SetIn(app.Stdin)
	root.SetOut(app.Stdout)
	root.SetErr(app.Stderr)
	root.AddCommand(
		newVersionCommand(app),
		newExplainCommand(app),
		newPolicyCommand(app),
		newWhichCommand(app),
		newDemoCommand(app),
		newLastCommand(app),
		newRepairCommand(app),
		newPruneCommand(app),
		newStatsCommand(app),
		newDoctorCommand(app),
		newProbeCommand(app),
		newCompletionCommand(app),
		newInstallCommand(app),
		newUninstallCommand(app),
		newServeCommand(app),
	)
	help := newHelpCommand(app)
	root.AddCommand(help)
	root.SetHelpCommand(help)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return misused(c, err) })
	tellMistakes(root)
	return root
}

func newRootCommand(app *App) *cobra.Command {
	root := &cobra.Command{
		Use:   "gosteady",
		Short: "a go command that heals module-fetch failures",
		Long: `gosteady stands before the real go in PATH and heals failures to fetch modules.
Its own commands, also run as "go steady", tell what it did and what it may do.

` + topicList(),
		Example: `  go steady last
  go steady doctor
  go steady help start
  go build ./... 2>&1 | go steady explain`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
	}
	// Not cobra's own flag for the version: to word its line is to link a template engine.
	version := root.Flags().BoolP("version", "v", false, "version for gosteady")
	root.RunE = func(c *cobra.Command, _ []string) error {
		if *version {
			return printVersion(app)
		}
		return c.Help()
	}
	return root
}

// tellMistakes makes every command name the way out when it gets arguments that it
// does not take.
func tellMistakes(c *cobra.Command) {
	if args := c.Args; args != nil {
		c.Args = func(c *cobra.Command, list []string) error {
			if err := args(c, list); err != nil {
				return misused(c, mistake(c, list))
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		tellMistakes(sub)
	}
}

func misused(c *cobra.Command, err error) error {
	return fmt.Errorf("%w; see '%s --help'", err, c.CommandPath())
}

// mistake says what is wrong with arguments, in other words than cobra's.
func mistake(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return fmt.Errorf("an argument is missing: %s", strings.TrimSuffix(c.UseLine(), " [flags]"))
	case !c.HasSubCommands():
		return fmt.Errorf("%s does not take %q", c.CommandPath(), args[len(args)-1])
	}
	what := fmt.Sprintf("there is no command '%s %s'", c.CommandPath(), args[0])
	c.SuggestionsMinimumDistance = min(2, len(args[0])/2) // letters wrong: cobra's own measure, less for short words
	if names := c.SuggestionsFor(args[0]); len(names) > 0 {
		what += ", did you mean " + strings.Join(names, " or ") + "?"
	}
	return errors.New(what)
}
