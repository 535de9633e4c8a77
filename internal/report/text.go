package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
)

// Text prints go commands, an empty line between them.
func Text(w io.Writer, list []Command) {
	for i, r := range list {
		if i > 0 {
			fmt.Fprintln(w)
		}
		r.Time = r.Time.Local()
		printInvocation(w, r.Invocation)
	}
}

// printInvocation prints one go command: a line for it, a line for each kind
// of failure, and below that the error that stands for the kind.
func printInvocation(w io.Writer, inv journal.Invocation) {
	fmt.Fprintln(w, commandLine(inv))
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
	tui.Table(w, rows)
	if inv.Dropped > 0 {
		fmt.Fprintf(w, "  and %d more that were not kept\n", inv.Dropped)
	}
	printErrors(w, inv.Events)
}

// printErrors prints each different error once.
func printErrors(w io.Writer, events []journal.Event) {
	seen := make(map[string]bool)
	for _, g := range journal.Grouped(events) {
		if text := mask.Line(g.First.Text); text != "" && !seen[text] {
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
		parts = append(parts, tui.Count(g.Requests, "request"))
	}
	if g.Lost > 0 {
		parts = append(parts, journal.Duration(g.Lost))
	}
	return strings.Join(parts, ", ")
}
