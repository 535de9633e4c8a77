package steady

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/policy"
)

// A policyReport is what "policy check" found.
type policyReport struct {
	Files    []policy.File    `json:"files"`
	Problems []policy.Problem `json:"problems"`
	Ignored  []policy.Ignored `json:"ignored"`
	Traps    []string         `json:"traps"`
	Errors   int              `json:"errors"`
}

func newPolicyCheckCommand(app *App) *cobra.Command {
	var strict, asJSON bool
	c := &cobra.Command{
		Use:   "check [FILE]",
		Short: "look for mistakes in the policy and in GOSTEADY_* variables",
		Long: `Check reads every layer of the policy that applies here, or FILE in place of the
repository's, and prints each mistake as file:line:column: key: what is wrong,
what this machine ignores for lack of trust, and settings that are valid but
probably not what was meant.

The exit status is 1 on mistakes, and with --strict also when values are ignored.`,
		Example: "  go steady policy check\n  go steady policy check --strict .gosteady.yaml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if _, err := os.Stat(app.Path(args[0])); err != nil {
					return fmt.Errorf("%s cannot be read: %w", args[0], errors.Unwrap(err))
				}
			}
			report := app.checkPolicy(args)
			if err := app.printCheck(report, asJSON); err != nil {
				return err
			}
			if report.Errors > 0 || strict && len(report.Ignored) > 0 {
				return ExitError{1}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&strict, "strict", false, "exit 1 also when values are ignored for lack of trust")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (app *App) checkPolicy(args []string) policyReport {
	l := app.policyLoader()
	if len(args) == 1 {
		l.Getenv = func(name string) string {
			if name == "GOSTEADY_POLICY" {
				return args[0]
			}
			return app.Getenv(name)
		}
	}
	p, _ := l.Load()
	report := policyReport{
		Files: orEmpty(p.Files), Problems: orEmpty(p.Problems), Ignored: orEmpty(p.Ignored),
		Traps: orEmpty(append(policy.UnknownVariables(app.Env), p.Traps()...)),
	}
	for _, pr := range p.Problems {
		if !pr.Warning {
			report.Errors++
		}
	}
	for _, f := range p.Files {
		if f.Skipped != "" {
			report.Errors++
		}
	}
	return report
}

func (app *App) printCheck(report policyReport, asJSON bool) error {
	if asJSON {
		return app.printJSON(report)
	}
	var b strings.Builder
	for _, pr := range report.Problems {
		if pr.Warning {
			pr.Text = "warning: " + pr.Text
		}
		fmt.Fprintln(&b, pr.Error())
	}
	for _, f := range report.Files {
		if f.Skipped != "" {
			fmt.Fprintf(&b, "%s: not used: %s\n", mask.Quote(app.Shown(f.Path)), f.Skipped)
		}
	}
	for _, i := range report.Ignored {
		fmt.Fprintf(&b, "%s: ignored here: %s: %s\n", i.Origin, i.Trust, i.Reason)
	}
	if len(report.Ignored) > 0 {
		fmt.Fprintf(&b, "to trust on this machine: %s\n", policy.TrustCommand(trustOf(report.Ignored)))
	}
	for _, t := range report.Traps {
		fmt.Fprintf(&b, "trap: %s\n", t)
	}
	if report.Errors == 0 {
		fmt.Fprintln(&b, app.checkVerdict(report))
	}
	_, err := fmt.Fprint(app.Stdout, b.String())
	return err
}

func (app *App) checkVerdict(report policyReport) string {
	var names []string
	for _, f := range report.Files {
		names = append(names, mask.Quote(app.Shown(f.Path)))
	}
	if len(names) == 0 {
		return "ok: no policy file here, the defaults apply"
	}
	return "ok: " + strings.Join(names, ", ")
}

func trustOf(ignored []policy.Ignored) []string {
	values := make([]string, len(ignored))
	for i := range ignored {
		values[i] = ignored[i].Trust
	}
	return values
}
