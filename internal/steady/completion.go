package steady

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newCompletionCommand prints completion scripts. It stands in for cobra's own
// command of that name, whose help is longer than what it does.
func newCompletionCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "print a shell's completion script for gosteady",
		Long: `Print a completion script for the command "gosteady" on stdout. "go steady"
shares the word "go" with the toolchain and is not completed.`,
		Example: `  bash:        source <(gosteady completion bash)
  zsh:         gosteady completion zsh > "${fpath[1]}/_gosteady"
  fish:        gosteady completion fish > ~/.config/fish/completions/gosteady.fish
  PowerShell:  gosteady completion powershell | Out-String | Invoke-Expression`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(c *cobra.Command, args []string) error {
			return writeCompletion(c.Root(), args[0], app)
		},
	}
}

func writeCompletion(root *cobra.Command, shell string, app *App) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(app.Stdout, true)
	case "zsh":
		return root.GenZshCompletion(app.Stdout)
	case "fish":
		return root.GenFishCompletion(app.Stdout, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(app.Stdout)
	}
	return fmt.Errorf("no completion for shell %q; there is one for bash, zsh, fish and powershell", shell)
}
