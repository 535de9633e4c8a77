package steady

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
	"github.com/gosteady/gosteady/policy"
)

// A policyView is what "policy show" prints.
type policyView struct {
	Off     bool             `json:"off"`
	Values  []policy.Value   `json:"values"`
	Proxies []string         `json:"goproxy"` // the effective list
	Ignored []policy.Ignored `json:"ignored"`
	Files   []policy.File    `json:"files"`
	Trust   []string         `json:"trust"`
}

func newPolicyShowCommand(app *App) *cobra.Command {
	var asJSON, schema bool
	c := &cobra.Command{
		Use:   "show",
		Short: "print the values in force here and where each comes from",
		Long: `Show prints every effective value with its origin, the GOPROXY list that results,
what is ignored and why, and the files that were read.`,
		Example: "  go steady policy show\n  go steady policy show --schema > gosteady.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if schema {
				_, err := app.Stdout.Write(policy.Schema())
				return err
			}
			p, _ := app.policyLoader().Load()
			view := policyView{p.Off, p.Values(), p.EffectiveList(), orEmpty(p.Ignored), orEmpty(p.Files), orEmpty(p.Trust)}
			if asJSON {
				return app.printJSON(view)
			}
			return app.printShow(view)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of the policy file")
	return c
}

func (app *App) printShow(v policyView) error {
	if v.Off {
		_, err := fmt.Fprintln(app.Stdout, "GOSTEADY=off: every command goes to the real go untouched")
		return err
	}
	var rows [][]string
	for _, value := range v.Values {
		rows = append(rows, []string{value.Key, value.Value, value.Origin.String()})
	}
	for i, entry := range v.Proxies {
		rows = append(rows, []string{fmt.Sprintf("GOPROXY %d", i+1), entry})
	}
	for _, i := range v.Ignored {
		rows = append(rows, []string{"ignored", i.Trust, fmt.Sprintf("%s: %s", i.Origin, i.Reason)})
	}
	for _, f := range v.Files {
		state := "read"
		if f.Skipped != "" {
			state = "not used: " + f.Skipped
		}
		rows = append(rows, []string{f.Layer.String() + " file", mask.Quote(app.Shown(f.Path)), state})
	}
	tui.Table(app.Stdout, rows)
	if len(v.Ignored) > 0 {
		fmt.Fprintf(app.Stdout, "\nto trust on this machine: %s\n", policy.TrustCommand(trustOf(v.Ignored)))
	}
	return nil
}
