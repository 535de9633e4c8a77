package steady

import (
	"bytes"
	"fmt"
	"io"

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
		return bashCompletion(root, app.Stdout)
	case "zsh":
		return root.GenZshCompletion(app.Stdout)
	case "fish":
		return root.GenFishCompletion(app.Stdout, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(app.Stdout)
	}
	return fmt.Errorf("no completion for shell %q; there is one for bash, zsh, fish and powershell", shell)
}

// cobraWords is how cobra's script takes the words of the line apart. The function is
// one of the package bash-completion, which not everybody has.
const cobraWords = `_get_comp_words_by_ref "$@" cur prev words cword`

// ownWords does it without: bash takes words apart at "=" and ":", and here they are
// one again.
const ownWords = `local rest=$COMP_LINE word i
    words=() cword=0
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 0)) && [[ $rest != [[:space:]]* && ( $word == [=:]* || ${COMP_WORDS[i-1]} == *[=:] ) ]]; then
            words[${#words[@]}-1]+=$word
        else
            words+=("$word")
        fi
        while [[ $rest == [[:space:]]* ]]; do rest=${rest#?}; done
        rest=${rest#"$word"}
        if ((i == COMP_CWORD)); then cword=$((${#words[@]} - 1)); fi
    done
    cur=${words[cword]} prev=
    if ((cword > 0)); then prev=${words[cword-1]}; fi`

func bashCompletion(root *cobra.Command, w io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	_, err := w.Write(bytes.Replace(script.Bytes(), []byte(cobraWords), []byte(ownWords), 1))
	return err
}
