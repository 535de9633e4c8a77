package steady

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

func newPolicyExplainCommand(app *App) *cobra.Command {
	var ci, asJSON bool
	c := &cobra.Command{
		Use:   "explain CLASS [MODULE]",
		Short: "say what would be done about a failure here, and why",
		Long: `Explain says what the policy in force here would do about a failure of a class,
and by which rule. Classes are the words that "go steady explain" prints; a group
such as transient stands for all of its classes.`,
		Example: "  go steady policy explain server-error\n  go steady policy explain gone github.com/acme/tool --ci",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			classes, _, ok := classify.Lookup(args[0])
			if !ok {
				return fmt.Errorf("%s", policy.UnknownWord(args[0], classify.Words()))
			}
			p, _ := app.policyLoader().Load()
			explained := make([]policy.Explanation, len(classes))
			module := append(args, "")[1]
			for i, class := range classes {
				f := classify.Failure{Class: class, Transient: usuallyTransient(class), Module: module}
				explained[i] = p.Explain(f, module, ci || policy.DetectCI(app.Getenv))
			}
			if asJSON {
				return app.printJSON(explained)
			}
			return app.printExplained(explained)
		},
	}
	c.Flags().BoolVar(&ci, "ci", false, "as in CI")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func usuallyTransient(class classify.Class) bool {
	i := slices.IndexFunc(classify.Table(), func(row classify.Info) bool { return row.Class == class })
	return i >= 0 && classify.Table()[i].Transient
}

func (app *App) printExplained(list []policy.Explanation) error {
	for _, e := range list {
		if _, err := fmt.Fprintf(app.Stdout, "%s: %s (%s)\n", e.Class, strings.Join(e.Actions, ", then "), e.Why); err != nil {
			return err
		}
		for _, line := range e.Details {
			if _, err := fmt.Fprintf(app.Stdout, "  %s\n", line); err != nil {
				return err
			}
		}
	}
	return nil
}
