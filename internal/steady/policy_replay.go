package steady

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
	"github.com/gosteady/gosteady/policy"
)

// A replayed failure is one of a log or of the journal, with what the policy
// here would do about it.
type replayed struct {
	Class   classify.Class `json:"class"`
	Module  string         `json:"module,omitempty"`
	Host    string         `json:"host,omitempty"`
	Count   int            `json:"count"`
	Met     string         `json:"met,omitempty"` // what was done then: "healed", "unhealed"
	Actions []string       `json:"actions"`
	Rule    policy.Origin  `json:"rule"`
}

func newPolicyReplayCommand(app *App) *cobra.Command {
	var fromJournal, ci, asJSON bool
	var since time.Duration
	c := &cobra.Command{
		Use:   "replay [LOG]",
		Short: "say what this policy would have done to a log or to past failures",
		Long: `Replay reads a log of go commands (a file, or - for stdin), or with --journal the
failures of the last week on this machine, and says for each failure what the
policy in force here would do about it. It runs and fetches nothing.`,
		Example: "  go steady policy replay build.log\n  go steady policy replay --journal --since 48h",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, _ := app.policyLoader().Load()
			r := replay{policy: p, ci: ci || policy.DetectCI(app.Getenv)}
			if err := r.read(app, args, fromJournal, since); err != nil {
				return err
			}
			if asJSON {
				return app.printJSON(r.list)
			}
			return app.printReplay(r.list)
		},
	}
	c.Flags().BoolVar(&fromJournal, "journal", false, "replay the journal of this machine")
	c.Flags().DurationVar(&since, "since", 7*24*time.Hour, "with --journal: how far back")
	c.Flags().BoolVar(&ci, "ci", false, "as in CI")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

type replay struct {
	policy *policy.Policy
	ci     bool
	list   []replayed
}

func (r *replay) read(app *App, args []string, fromJournal bool, since time.Duration) error {
	switch {
	case fromJournal && len(args) > 0:
		return errors.New("give a log or --journal, not both")
	case fromJournal:
		r.journal(journal.OpenStore(app.Getenv), time.Now().Add(-since))
		return nil
	case len(args) == 0:
		return errors.New("give a log (a file, or - for stdin) or --journal")
	}
	log, err := app.readLog(args[0])
	if err != nil {
		return err
	}
	for _, f := range classify.Text(log) {
		r.add(f, "")
	}
	return nil
}

func (r *replay) journal(store journal.Store, from time.Time) {
	for inv := range store.All() {
		if inv.Time.Before(from) {
			continue
		}
		for _, e := range inv.Events {
			if e.Outcome != journal.Noted && e.Class != "" {
				f := classify.Failure{Class: e.Class, Module: e.Module, Version: e.Version, Host: e.Upstream}
				// What was healed has passed: the journal does not keep more.
				f.Transient = usuallyTransient(e.Class) || e.Outcome == journal.Healed && e.Action == "retry"
				r.add(f, string(e.Outcome))
			}
		}
	}
}

// add counts a failure; those that look the same become one row.
func (r *replay) add(f classify.Failure, met string) {
	for i := range r.list {
		if row := &r.list[i]; row.Class == f.Class && row.Module == f.Module && row.Host == f.Host && row.Met == met {
			row.Count++
			return
		}
	}
	d := r.policy.Decide(f, f.Module, r.ci)
	r.list = append(r.list, replayed{Class: f.Class, Module: f.Module, Host: f.Host, Count: 1, Met: met, Actions: d.Words(), Rule: d.Origin})
}

func (app *App) printReplay(list []replayed) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(app.Stdout, "no fetch failure found")
		return err
	}
	var rows [][]string
	for _, row := range list {
		subject := strings.TrimSpace(row.Module + " " + row.Host)
		cells := []string{fmt.Sprint(row.Count), string(row.Class), mask.Quote(subject)}
		if row.Met != "" { // all of a journal's rows have it, and none of a log's
			cells = append(cells, row.Met)
		}
		rows = append(rows, append(cells, strings.Join(row.Actions, ", "), row.Rule.String()))
	}
	tui.Table(app.Stdout, rows)
	return nil
}
