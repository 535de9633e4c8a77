package steady

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/report"
	"github.com/gosteady/gosteady/policy"
)

func newLastCommand(app *App) *cobra.Command {
	var l lastCommand
	cmd := &cobra.Command{
		Use:   "last",
		Short: "what the last go command that met a fetch failure met and did",
		Long: `Last shows what the last go command met: each kind of failure, where, what
gosteady did about it, and the time that it cost. --html and --trace have each
request as well, of the newest twenty commands.`,
		Example: `  go steady last
  go steady last -n 5
  go steady last --json | jq .events
  go steady last --html report.html --redact`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return l.run(app) },
	}
	f := cmd.Flags()
	f.IntVarP(&l.count, "number", "n", 1, "show this many go commands, the newest last")
	f.BoolVar(&l.all, "all", false, "show those that met no failure as well, where 'journal: all' keeps them")
	f.BoolVar(&l.json, "json", false, "print the journal's JSON, one object a line")
	f.StringVar(&l.html, "html", "", "write a page to this `file`")
	f.StringVar(&l.trace, "trace", "", "write a trace for Perfetto or chrome://tracing to this `file`")
	f.BoolVar(&l.redact, "redact", false, "mask the paths of private modules, and directories")
	return cmd
}

type lastCommand struct {
	count       int
	all, json   bool
	html, trace string
	redact      bool
}

func (l lastCommand) run(app *App) error {
	if l.count < 1 {
		return fmt.Errorf("-n %d: ask for at least one", l.count)
	}
	list := l.newest(journal.OpenStore(app.Getenv))
	if len(list) == 0 && !l.json {
		return app.printNothing()
	}
	if l.redact {
		app.redact(list)
	}
	switch {
	case l.json:
		invocations := make([]journal.Invocation, len(list))
		for i := range list {
			invocations[i] = list[i].Invocation
		}
		return printJSONLines(app.Stdout, invocations)
	case l.html != "" || l.trace != "":
		return errors.Join(writeReport(l.html, list, report.Page), writeReport(l.trace, list, report.Trace))
	}
	report.Text(app.Stdout, list)
	return nil
}

// printNothing says why the journal has nothing.
func (app *App) printNothing() error {
	text := journal.OpenStore(app.Getenv).Nothing(app.Getenv)
	if p, _ := app.policyLoader().Load(); p.Journal == policy.JournalOff {
		text = fmt.Sprintf("no journal is kept: journal: off (%s)", p.Origin("journal"))
	}
	_, err := fmt.Fprintln(app.Stdout, text)
	return err
}

// newest are the last commands that met a failure, or of all that are kept,
// oldest first.
func (l lastCommand) newest(store journal.Store) (list []report.Command) {
	for inv := range store.All() {
		if l.all || inv.Met() {
			list = append(list, report.Command{Invocation: inv})
			list = list[max(0, len(list)-l.count):]
		}
	}
	for i := range list {
		list[i].Sent = store.Requests(list[i].Invocation)
	}
	return list
}

// redact masks what is not for outsiders.
func (app *App) redact(list []report.Command) {
	loader := app.policyLoader()
	p, _ := loader.Load()
	m, knows := report.NewMask(list, p, loader.Settings)
	if !knows {
		fmt.Fprintln(app.Stderr, console.Prefix+"--redact masks directories only: neither GOPRIVATE nor GONOPROXY nor a policy names a private module here, and the journal has none; set GOPRIVATE")
	}
	for i := range list {
		list[i] = m.Command(list[i])
	}
}

// writeReport writes a report to a file; nothing if no file is named.
func writeReport(file string, list []report.Command, write func(io.Writer, []report.Command) error) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := mask.NewWriter(f)
	return errors.Join(write(w, list), w.Flush(), f.Close())
}
