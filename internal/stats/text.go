package stats

import (
	"fmt"
	"io"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/tui"
)

// Text writes tables for a person.
func (r Summary) Text(w io.Writer) error {
	if r.Invocations == 0 {
		_, err := fmt.Fprintln(w, journal.ErrEmpty)
		return err
	}
	fmt.Fprintf(w, "%s to %s: %s met %s\n", day(r.First), day(r.Last),
		tui.Count(r.Invocations, "go command"), tui.Count(r.Healed+r.Unhealed, "fetch failure"))
	fmt.Fprintf(w, "%d healed, %d not; %s lost, %s saved by %s that did not have to run again\n",
		r.Healed, r.Unhealed, tui.Seconds(r.LostSeconds), tui.Seconds(r.SavedSeconds), tui.Count(r.Rescued, "go command"))
	printRows(w, "class", r.Classes)
	printRows(w, "upstream", r.Upstreams)
	printRows(w, "week", r.Weeks)
	printRows(w, "module", r.Modules)
	return nil
}

func printRows(w io.Writer, title string, rows []Row) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(w)
	table := [][]string{{title, "healed", "not healed", "lost"}}
	for _, r := range rows {
		table = append(table, []string{r.Name, fmt.Sprint(r.Healed), fmt.Sprint(r.Unhealed), tui.Seconds(r.LostSeconds)})
	}
	tui.Table(w, table)
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }
