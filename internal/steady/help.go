package steady

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gosteady/gosteady/docs"
	"github.com/gosteady/gosteady/internal/markdown"
)

// newHelpCommand shows a guide, or the help of a command. Of "policy", which is both, it
// shows the guide: the command has its --help.
func newHelpCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "help [TOPIC | COMMAND]",
		Short: "show a guide, or the help of a command",
		Long:  "Help shows the guides of docs/ in the terminal, or the help of a command.\n\n" + topicList(),
		Example: `  gosteady help start
  gosteady help failures | less
  gosteady help probe`,
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return helpWords(c.Root(), args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && docs.Guide(args[0]) != "" {
				app.look().Write(app.Stdout, docs.Guide(args[0]))
				return nil
			}
			return helpOfCommand(c, args)
		},
	}
}

func helpOfCommand(c *cobra.Command, args []string) error {
	target, rest, err := c.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return fmt.Errorf("there is no guide and no command %q; 'gosteady help' lists both", strings.Join(args, " "))
	}
	target.InitDefaultHelpFlag() // else the help lacks it
	return target.Help()
}

// helpWords are what can follow "help".
func helpWords(root *cobra.Command, args []string) []cobra.Completion {
	var words []cobra.Completion
	if len(args) == 0 {
		for _, t := range docs.Topics {
			words = append(words, cobra.CompletionWithDesc(t.Name, t.About))
		}
	}
	group, _, err := root.Find(args)
	if err != nil {
		return words
	}
	for _, sub := range group.Commands() {
		if sub.IsAvailableCommand() && !(len(args) == 0 && docs.Guide(sub.Name()) != "") {
			words = append(words, cobra.CompletionWithDesc(sub.Name(), sub.Short))
		}
	}
	return words
}

// topicList is the table of the guides.
func topicList() string {
	var b strings.Builder
	b.WriteString("Guides:")
	for _, t := range docs.Topics {
		fmt.Fprintf(&b, "\n  %-16s  %s", t.Name, t.About)
	}
	return b.String()
}

// look is how a guide is shown here: at most as wide as a page, for lines that are too
// long are hard to read.
func (app *App) look() markdown.Look {
	look := markdown.Look{Width: 80, Colour: app.style.Colour()}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && app.style.Colour() {
		look.Width = min(max(width, 40), 100)
	}
	return look
}
