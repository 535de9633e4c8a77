package steady

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// newManCommand prints the manual page. It is made from the command tree, so
// that a command or a flag cannot be missing from it.
func newManCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "print the manual page, in roff",
		Example: `  gosteady man | man -l -
  gosteady man > ~/.local/share/man/man1/gosteady.1`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := io.WriteString(app.Stdout, manPage(c.Root()))
			return err
		},
	}
}

const manDescription = `gosteady is a drop-in go command. It stands before the real toolchain in PATH,
forwards every command to it, and heals failures to fetch modules: it retries,
resumes, asks the next proxy, replaces one bad cache entry. go.sum and the
checksum database keep deciding what is correct.

As "go" it does nothing else. The commands below, also run as "go steady", tell
what it did and what it may do.`

// manEnvironment has the variables that a person sets; those that gosteady sets
// for its own children are none of a reader's business.
var manEnvironment = []struct{ name, text string }{
	{"GOSTEADY", `"off" forwards every command untouched.`},
	{"GOSTEADY_GO", "The real go, as an absolute path; else it is found in PATH after gosteady."},
	{"GOSTEADY_LOG", `"debug" writes every decision to stderr.`},
	{"GOSTEADY_STATE", "The directory of the journal and of what is remembered about upstreams."},
	{"GOSTEADY_TRUST", `Policy values that this machine trusts, as in "proxy=https://athens.example rotate".`},
}

// A manWriter writes roff; text never starts a line as a request.
type manWriter struct{ strings.Builder }

// manPage is the page of the whole tree below root.
func manPage(root *cobra.Command) string {
	var w manWriter
	w.WriteString(".TH GOSTEADY 1 \"\" \"gosteady\" \"User Commands\"\n")
	w.section("NAME")
	w.text(root.Name() + ` \- ` + root.Short)
	w.section("SYNOPSIS")
	w.text(".B go\n.I command\n.RI [ arguments ]\n.br\n.B gosteady\n.I command\n.RI [ arguments ]")
	w.section("DESCRIPTION")
	w.prose(manDescription)
	w.section("COMMANDS")
	w.commands(root)
	w.section("ENVIRONMENT")
	for _, v := range manEnvironment {
		w.item(v.name, v.text)
	}
	w.section("FILES")
	w.item(".gosteady.yaml", "The policy, at the root of the module, the workspace or the repository.")
	w.item("$XDG_CONFIG_HOME/gosteady/policy.yaml, /etc/gosteady/policy.yaml", "The user's and the system's policy.")
	w.section("SEE ALSO")
	w.text(".BR git (1),\nhttps://go.dev/ref/mod")
	return w.String()
}

func (w *manWriter) section(name string) { fmt.Fprintf(w, ".SH %s\n", name) }

// text writes roff as it is.
func (w *manWriter) text(s string) { w.WriteString(s + "\n") }

// prose writes plain text; an empty line becomes a paragraph.
func (w *manWriter) prose(s string) {
	for line := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		if strings.TrimSpace(line) == "" {
			line = ".PP"
		} else {
			line = roff(line)
		}
		w.text(line)
	}
}

func (w *manWriter) item(name, text string) {
	fmt.Fprintf(w, ".TP\n.B %s\n", roff(name))
	w.prose(text)
}

// example keeps the lines of s as they are.
func (w *manWriter) example(s string) {
	w.text(".nf")
	for line := range strings.SplitSeq(s, "\n") {
		w.text(roff(line))
	}
	w.text(".fi")
}

// commands writes every command that can be run below c, with its flags.
func (w *manWriter) commands(c *cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.Hidden || sub.Name() == "help" {
			continue
		}
		if sub.Runnable() {
			w.command(sub)
		}
		w.commands(sub)
	}
}

func (w *manWriter) command(c *cobra.Command) {
	fmt.Fprintf(w, ".SS %s\n", roff(c.UseLine()))
	if c.Long != "" {
		w.prose(c.Long)
	} else {
		w.prose(c.Short + ".")
	}
	if flags := c.LocalFlags().FlagUsages(); flags != "" {
		w.text(".PP\nFlags:")
		w.example(strings.TrimRight(flags, "\n"))
	}
	if c.Example != "" {
		w.text(".PP\nExamples:")
		w.example(c.Example)
	}
}

// roff escapes plain text: backslashes and hyphens everywhere, and a dot or an
// apostrophe at the start of a line, where it would be a request.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
