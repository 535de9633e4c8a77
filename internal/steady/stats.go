package steady

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/wording"
)

func newStatsCommand(app *App) *cobra.Command {
	var c statsCommand
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "failures met and healed, by class, upstream and week",
		Long: `Stats adds up the journal, or several journals: which failures were met, which
were healed, where, and the time that they cost.

The time saved is what the go commands that failures did not stop had taken
apart from the failures: what running them again would have repeated.

With --format prometheus it prints metrics for the textfile collector of
node_exporter. The journal is bounded: a counter falls when old entries leave
it, which Prometheus takes for a restart.`,
		Example: `  go steady stats
  go steady stats --since 720h
  go steady stats --json runner-*/journal.jsonl
  go steady stats --format prometheus > /var/lib/node_exporter/gosteady.prom`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, files []string) error { return c.run(app, files, time.Now()) },
	}
	cmd.Use = "stats [journal...]"
	f := cmd.Flags()
	f.DurationVar(&c.since, "since", 0, "only what happened within this time")
	f.StringVar(&c.format, "format", "text", "text, json or prometheus")
	f.BoolVar(&c.json, "json", false, "the same as --format json")
	return cmd
}

type statsCommand struct {
	since  time.Duration
	format string
	json   bool
}

func (c statsCommand) run(app *App, files []string, now time.Time) error {
	if c.json {
		c.format = "json"
	}
	print, ok := map[string]func(io.Writer, statistics) error{
		"text": printStats, "json": printStatsJSON, "prometheus": printStatsPrometheus,
	}[c.format]
	if !ok {
		return fmt.Errorf("--format %s: allowed are text, json and prometheus", c.format)
	}
	invocations := journal.OpenStore(app.Getenv).All()
	if len(files) > 0 {
		var err error
		if invocations, err = readJournals(files); err != nil {
			return err
		}
	}
	var s statistics
	for inv := range invocations {
		if c.since == 0 || now.Sub(inv.Time) <= c.since {
			s.add(inv)
		}
	}
	if c.format == "text" && c.since > 0 && s.invocations == 0 {
		_, err := fmt.Fprintf(app.Stdout, "no go command met a fetch failure within %v\n", c.since)
		return err
	}
	return print(app.Stdout, s)
}

// readJournals reads several journals one after the other.
func readJournals(files []string) (iter.Seq[journal.Invocation], error) {
	var list []journal.Invocation
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		journal.Read(f, func(inv journal.Invocation) bool {
			list = append(list, inv)
			return true
		})
		f.Close()
	}
	return func(yield func(journal.Invocation) bool) {
		for _, inv := range list {
			if !yield(inv) {
				return
			}
		}
	}, nil
}

func printStatsJSON(w io.Writer, s statistics) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(s.report())
}

func printStats(w io.Writer, s statistics) error {
	r := s.report()
	if r.Invocations == 0 {
		_, err := fmt.Fprintln(w, journal.ErrEmpty)
		return err
	}
	fmt.Fprintf(w, "%s to %s: %s met %s\n", day(r.First), day(r.Last),
		wording.Count(r.Invocations, "go command"), wording.Count(r.Healed+r.Unhealed, "fetch failure"))
	fmt.Fprintf(w, "%d healed, %d not; %s lost, %s saved by %s that did not have to run again\n",
		r.Healed, r.Unhealed, wording.Seconds(r.LostSeconds), wording.Seconds(r.SavedSeconds), wording.Count(r.Rescued, "go command"))
	printRows(w, "class", r.Classes)
	printRows(w, "upstream", r.Upstreams)
	printRows(w, "week", r.Weeks)
	printRows(w, "module", r.Modules)
	return nil
}

func printRows(w io.Writer, title string, rows []statRow) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(w)
	table := [][]string{{title, "healed", "not healed", "lost"}}
	for _, r := range rows {
		table = append(table, []string{r.Name, fmt.Sprint(r.Healed), fmt.Sprint(r.Unhealed), wording.Seconds(r.LostSeconds)})
	}
	wording.Table(w, table)
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }
