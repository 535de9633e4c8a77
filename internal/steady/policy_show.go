package steady

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

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
			view := policyView{p.Off, p.Values(), p.EffectiveList(), p.Ignored, p.Files, p.Trust}
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
	w := tabwriter.NewWriter(app.Stdout, 0, 8, 2, ' ', 0)
	for _, value := range v.Values {
		fmt.Fprintf(w, "%s\t%s\t%s\n", value.Key, value.Value, value.Origin)
	}
	for i, entry := range v.Proxies {
		fmt.Fprintf(w, "GOPROXY %d\t%s\t\n", i+1, entry)
	}
	for _, i := range v.Ignored {
		fmt.Fprintf(w, "ignored\t%s\t%s: %s\n", i.Trust, i.Origin, i.Reason)
	}
	for _, f := range v.Files {
		state := "read"
		if f.Skipped != "" {
			state = "not used: " + f.Skipped
		}
		fmt.Fprintf(w, "%s file\t%s\t%s\n", f.Layer, policy.Printable(app.shown(f.Path)), state)
	}
	if len(v.Ignored) > 0 {
		fmt.Fprintf(w, "to trust\t%s\t\n", policy.TrustCommand(trustOf(v.Ignored)))
	}
	return w.Flush()
}
