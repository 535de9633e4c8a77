package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/docs"
	"github.com/gosteady/gosteady/internal/markdown"
)

const description = `gosteady is a drop-in go command. It stands before the real toolchain in PATH,
forwards every command to it, and heals failures to fetch modules: it retries,
resumes, asks the next proxy, replaces one bad cache entry. go.sum and the
checksum database keep deciding what is correct.

As "go" it does nothing else. The commands below, also run as "go steady", tell
what it did and what it may do.`

// environment has the variables that a person sets; those that gosteady sets for its own
// children are none of a reader's business.
var environment = []struct{ name, text string }{
	{"GOSTEADY", `"off" forwards every command untouched.`},
	{"GOSTEADY_GO", "The real go, as an absolute path; else it is found in PATH after gosteady."},
	{"GOSTEADY_LOG", `"debug" writes every decision to stderr.`},
	{"GOSTEADY_STATE", "The directory of the journal and of what is remembered about upstreams."},
	{"GOSTEADY_TRUST", `Policy values that this machine trusts, as in "proxy=https://athens.example rotate".`},
	{"GOSTEADY_POLICY", `The policy file to read instead of the repository's; "off" for none.`},
}

// commandPage is gosteady(1), with the whole tree below root. It is made from the tree, so
// that a command or a flag cannot be missing from it.
func commandPage(root *cobra.Command) string {
	var w roffWriter
	w.WriteString(".TH GOSTEADY 1 \"\" \"gosteady\" \"User Commands\"\n")
	w.section("NAME")
	w.text(root.Name() + ` \- ` + escape(root.Short))
	w.section("SYNOPSIS")
	w.text(".B go\n.I command\n.RI [ arguments ]\n.br\n.B gosteady\n.I command\n.RI [ arguments ]")
	w.section("DESCRIPTION")
	w.prose(description)
	w.section("COMMANDS")
	w.commands(root)
	w.section("GUIDES")
	w.text("These are shown by\n.BR \"gosteady help\" :")
	for _, topic := range docs.Topics {
		w.item(topic.Name, topic.About)
	}
	w.section("ENVIRONMENT")
	for _, v := range environment {
		w.item(v.name, v.text)
	}
	w.section("FILES")
	w.item(".gosteady.yaml", "The policy, at the root of the module, the workspace or the repository.")
	w.item("$XDG_CONFIG_HOME/gosteady/policy.yaml, /etc/gosteady/policy.yaml", "The user's and the system's policy.")
	w.section("SEE ALSO")
	w.text(".BR gosteady\\-policy (5),\n.BR git (1),\nhttps://go.dev/ref/mod")
	return w.String()
}

// commands writes every command that can be run below c, with its flags.
func (w *roffWriter) commands(c *cobra.Command) {
	for _, sub := range c.Commands() {
		if sub.Hidden {
			continue
		}
		if sub.Runnable() {
			w.command(sub)
		}
		w.commands(sub)
	}
}

func (w *roffWriter) command(c *cobra.Command) {
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

// policyPage is gosteady-policy(5): the guide, then the reference.
func policyPage(guide, reference string) string {
	var w roffWriter
	w.WriteString(".TH GOSTEADY-POLICY 5 \"\" \"gosteady\" \"File Formats\"\n")
	w.section("NAME")
	w.text(`gosteady\-policy \- what gosteady may do when modules cannot be fetched`)
	w.section("DESCRIPTION")
	w.blocks(markdown.Parse(guide))
	w.section("REFERENCE")
	w.blocks(markdown.Parse(reference))
	w.section("SEE ALSO")
	w.text(".BR gosteady (1)")
	return w.String()
}
