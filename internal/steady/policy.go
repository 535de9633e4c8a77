package steady

import (
	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/workspace"
	"github.com/gosteady/gosteady/policy"
)

func newPolicyCommand(app *App) *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "the policy file, and whom it is trusted by",
		Long: `The policy file ` + policy.FileName + ` stands at the root of the module, the workspace
or the repository. It says what gosteady may do about failures. A repository's
file is not trusted: a value that could do harm is ignored until this machine
trusts it.`,
		Example: `  go steady policy init
  go steady policy check
  go steady policy show`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		newPolicyInitCommand(app),
		newPolicyCheckCommand(app),
		newPolicyShowCommand(app),
		newPolicyTrustCommand(app),
		newPolicyUntrustCommand(app),
		newPolicyTrustedCommand(app),
		newPolicyExplainCommand(app),
		newPolicyReplayCommand(app),
	)
	return c
}

// policyLoader reads the layers as a go command run here would.
func (app *App) policyLoader() policy.Loader {
	settings := app.Settings()
	w, _ := workspace.Find(app.Dir, settings, "") // usable along with an error
	return app.Policy(settings, w)
}

// orEmpty makes an empty list [] in JSON, not null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
