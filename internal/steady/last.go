package steady

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/wording"
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
	store := journal.OpenStore(app.Getenv)
	list, err := lastKept(store, l.count, l.all)
	if errors.Is(err, journal.ErrEmpty) && !l.json {
		fmt.Fprintf(app.Stdout, "%v\n", err)
		return nil
	}
	if err != nil && !l.json {
		return err
	}
	paged := !l.json && (l.html != "" || l.trace != "")
	reports := l.reports(app, store, list, paged)
	if paged {
		return errors.Join(writeReport(l.html, reports, writeHTML), writeReport(l.trace, reports, writeTrace))
	}
	for i, r := range reports {
		list[i] = r.Invocation
	}
	if l.json {
		return printJSONLines(app.Stdout, list)
	}
	for i, inv := range list {
		if i > 0 {
			fmt.Fprintln(app.Stdout)
		}
		inv.Time = inv.Time.Local()
		printInvocation(app.Stdout, inv)
	}
	return nil
}

// reports adds the requests to the invocations, and masks what is not for
// outsiders.
func (l lastCommand) reports(app *App, store journal.Store, list []journal.Invocation, requests bool) []report {
	reports := make([]report, len(list))
	for i, inv := range list {
		reports[i].Invocation = inv
		if requests || l.redact { // what was private, they know as well
			reports[i].sent = store.Requests(inv)
		}
	}
	if !l.redact {
		return reports
	}
	m, knows := app.maskFor(reports)
	if !knows {
		fmt.Fprintln(app.Stderr, "gosteady: --redact masks directories only: neither GOPRIVATE nor GONOPROXY nor a policy names a private module here, and the journal has none; set GOPRIVATE")
	}
	for i := range reports {
		reports[i] = m.report(reports[i])
	}
	return reports
}

// lastKept returns the last n invocations that met a failure, or of all that
// are kept, oldest first.
func lastKept(store journal.Store, n int, all bool) ([]journal.Invocation, error) {
	var list []journal.Invocation
	for inv := range store.All() {
		if all || inv.Met() {
			list = append(list, inv)
			list = list[max(0, len(list)-n):]
		}
	}
	if len(list) == 0 {
		return nil, journal.ErrEmpty
	}
	return list, nil
}

func printJSONLines[T any](w io.Writer, list []T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, v := range list {
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

// printInvocation prints one go command: a line for it, a line for each kind
// of failure, and below that the error that stands for the kind.
func printInvocation(w io.Writer, inv journal.Invocation) {
	fmt.Fprintf(w, "go %s\n", strings.Join(inv.Command, " "))
	fmt.Fprintf(w, "  %s, exit status %d after %s", inv.Time.Format("2006-01-02 15:04:05"), inv.Exit, journal.Duration(inv.Duration))
	if lost := inv.Lost(); lost > 0 {
		fmt.Fprintf(w, ", of which failures cost %s", journal.Duration(lost))
	}
	if inv.Dir != "" {
		fmt.Fprintf(w, "\n  in %s", inv.Dir)
	}
	if inv.Requests != nil {
		fmt.Fprintf(w, "\n  %s", requestTotals(*inv.Requests))
	}
	fmt.Fprint(w, "\n\n")
	var rows [][]string
	for _, g := range journal.Grouped(inv.Events) {
		rows = append(rows, []string{times(g), g.Upstream, ending(g), effort(g), g.Subject()})
	}
	wording.Table(w, rows)
	if inv.Dropped > 0 {
		fmt.Fprintf(w, "  and %d more that were not kept\n", inv.Dropped)
	}
	printErrors(w, inv.Events)
}

// printErrors prints each different error once.
func printErrors(w io.Writer, events []journal.Event) {
	seen := make(map[string]bool)
	for _, g := range journal.Grouped(events) {
		if text := wording.Line(g.First.Text); text != "" && !seen[text] {
			if len(seen) == 0 {
				fmt.Fprintln(w)
			}
			seen[text] = true
			fmt.Fprintf(w, "  %s\n", text)
		}
	}
}

func times(g journal.Group) string {
	if g.Class == "" {
		return "note"
	}
	return fmt.Sprintf("%d %s", g.Count, g.Class)
}

// ending is how a kind of failure ended: "healed by retry".
func ending(g journal.Group) string {
	switch {
	case g.Outcome == journal.Healed && g.Action != "":
		return "healed by " + g.Action
	case g.Outcome == journal.Noted:
		return g.Action
	case g.Outcome == journal.Unhealed:
		return "not healed"
	}
	return string(g.Outcome)
}

func effort(g journal.Group) string {
	var parts []string
	if g.Requests > 0 {
		parts = append(parts, wording.Count(g.Requests, "request"))
	}
	if g.Lost > 0 {
		parts = append(parts, journal.Duration(g.Lost))
	}
	return strings.Join(parts, ", ")
}
