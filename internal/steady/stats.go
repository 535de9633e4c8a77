package steady

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/stats"
)

func newStatsCommand(app *App) *cobra.Command {
	var c statsCommand
	cmd := &cobra.Command{
		Use:   "stats [journal...]",
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
	if !slices.Contains([]string{"text", "json", "prometheus"}, c.format) {
		return fmt.Errorf("--format %s: allowed are text, json and prometheus", c.format)
	}
	invocations := journal.OpenStore(app.Getenv).All()
	if len(files) > 0 {
		var err error
		if invocations, err = readJournals(files); err != nil {
			return err
		}
	}
	var s stats.Sums
	for inv := range invocations {
		if c.since == 0 || now.Sub(inv.Time) <= c.since {
			s.Add(inv)
		}
	}
	return c.print(app, s, len(files) == 0)
}

// print prints the sums, of the journal kept here or of others.
func (c statsCommand) print(app *App, s stats.Sums, own bool) error {
	summary := s.Summary()
	switch {
	case c.format == "json":
		return app.printJSON(summary)
	case c.format == "prometheus":
		return s.Prometheus(app.Stdout)
	case c.since > 0 && summary.Invocations == 0:
		_, err := fmt.Fprintf(app.Stdout, "no go command met a fetch failure within %v\n", c.since)
		return err
	case own && summary.Invocations == 0:
		return app.printNothing()
	}
	return summary.Text(app.Stdout)
}

// readJournals reads several journals one after the other.
func readJournals(files []string) (iter.Seq[journal.Invocation], error) {
	var list []journal.Invocation
	for _, name := range files {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: no such file; name the journal.jsonl of a state directory", name)
		}
		if err != nil {
			return nil, err
		}
		journal.Read(f, func(inv journal.Invocation) bool {
			list = append(list, inv)
			return true
		})
		f.Close()
	}
	return slices.Values(list), nil
}
