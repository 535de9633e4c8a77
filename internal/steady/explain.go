package steady

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/explain"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/policy"
)

func newExplainCommand(app *App) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain [FILE…]",
		Short: "read a log and say what failed, and whether waiting helps",
		Long: `Explain reads logs (files, or standard input) of go or of any CI, and says of
every failed module fetch what it is, whether waiting helps, what gosteady
would do, and what a person should do.

Exit status: 0 no failed fetch; 75 only such as pass with time; 1 at least one
that waiting does not help; 2 a log could not be read.`,
		Example: `  go build ./... 2>&1 | gosteady explain
  go steady explain ci.log
  go steady explain --json ci.log | jq -r .class`,
		RunE: func(_ *cobra.Command, files []string) error {
			return app.explain(files, asJSON, app.policyActions())
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line, the most decisive first")
	return c
}

// policyActions says what the policy in force here would do about a failure.
func (app *App) policyActions() func(classify.Failure) []string {
	var p *policy.Policy // read when the first failure needs it
	return func(f classify.Failure) []string {
		if f.Class == classify.NotFetch || f.Class == classify.Configuration {
			return nil
		}
		if p == nil {
			p, _ = app.policyLoader().Load()
		}
		if f.Class == classify.BadContent {
			f.Transient = true // the relay asks again for all of it, as it cannot see the page for what it is
		}
		return p.Decide(f, f.Module, policy.DetectCI(app.Getenv)).Words()
	}
}

func (app *App) explain(files []string, asJSON bool, actions func(classify.Failure) []string) error {
	failures, err := app.readLogs(files)
	if err != nil {
		fmt.Fprintf(app.Stderr, console.Prefix+"%s\n", mask.Line(err.Error()))
		return ExitError{explain.Unread}
	}
	write := explain.Text
	if asJSON {
		write = explain.JSON
	}
	if err := write(app.Stdout, failures, actions); err != nil {
		return err
	}
	if code := explain.Status(failures); code != explain.NoFailure {
		return ExitError{code}
	}
	return nil
}

// readLogs classifies each file, in the order given; standard input where none
// is, or for "-".
func (app *App) readLogs(files []string) ([]classify.Failure, error) {
	if len(files) == 0 {
		files = []string{"-"}
	}
	var failures []classify.Failure
	for _, name := range files {
		log, err := app.readLog(name)
		if err != nil {
			return nil, err
		}
		failures = append(failures, classify.Text(log)...)
	}
	return failures, nil
}
