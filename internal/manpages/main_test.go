package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/markdown"
	"github.com/gosteady/gosteady/internal/steady"
	"github.com/gosteady/gosteady/policy"
)

func TestCommandPageHasEveryCommand(t *testing.T) {
	root := &cobra.Command{Use: "gosteady", Short: "short"}
	group := &cobra.Command{Use: "policy", Short: "the policy"}
	check := &cobra.Command{
		Use: "check [FILE]", Short: "check a policy", RunE: func(*cobra.Command, []string) error { return nil },
		Long:    "Check it.\n\n.gosteady.yaml is the default; back\\slash.",
		Example: "  gosteady policy check --json",
	}
	check.Flags().Bool("json", false, "print JSON")
	group.AddCommand(check)
	root.AddCommand(group, &cobra.Command{Use: "internal", Hidden: true, RunE: check.RunE})
	page := commandPage(root)
	for _, want := range []string{
		".TH GOSTEADY 1", ".SH NAME\ngosteady \\- short\n",
		".SS gosteady policy check [FILE] [flags]",
		"Check it.\n.PP\n\\&.gosteady.yaml", `back\eslash`, `\-\-json`,
		".SH ENVIRONMENT", "GOSTEADY_GO",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"internal", ".SS gosteady policy\n"} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %q", not)
		}
	}
}

// The pages have the commands that the program has, and the keys that a policy has.
func TestPages(t *testing.T) {
	all := pages()
	for _, c := range steady.Commands().Commands() {
		if !strings.Contains(all["gosteady.1"], "\n.SS "+roff(c.CommandPath())) {
			t.Errorf("gosteady(1) lacks %s", c.CommandPath())
		}
	}
	for _, key := range []string{"retry.attempts", "timeouts.first-byte", "rules[].do", "purge-all"} {
		if !strings.Contains(all["gosteady-policy.5"], `\fB`+escape(key)+`\fR`) {
			t.Errorf("gosteady-policy(5) lacks %s", key)
		}
	}
	if !strings.Contains(all["gosteady-policy.5"], escape(policy.FileName)) {
		t.Errorf("gosteady-policy(5) does not name %s", policy.FileName)
	}
}

func TestPagesAreRoff(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("no groff here")
	}
	for name, page := range pages() {
		cmd := exec.Command(groff, "-man", "-Tutf8", "-ww")
		cmd.Stdin = strings.NewReader(page)
		var says bytes.Buffer
		cmd.Stderr = &says
		if err := cmd.Run(); err != nil || says.Len() > 0 {
			t.Errorf("%s: groff: %v\n%s", name, err, &says)
		}
	}
}

func TestRoffEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"plain":    "plain",
		".request": `\&.request`,
		"'quote":   `\&'quote`,
		`a\b-c`:    `a\eb\-c`,
		"in .side": "in .side",
		"a … b":    `a \[u2026] b`,
	} {
		if got := roff(in); got != want {
			t.Errorf("roff(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestGuideInRoff(t *testing.T) {
	var w roffWriter
	w.blocks(markdown.Parse("# Title\n\nA `--flag` and\n[more](x.md).\n\n- one\n- two\n\n```sh\n.x -y\n```\n\n| a | b |\n|---|---|\n| c | d |\n| e | |\n"))
	want := ".PP\nA \\fB\\-\\-flag\\fR and more.\n.IP \"\\(bu\" 4\none\n.IP \"\\(bu\" 4\ntwo\n.PP\n.RS 4\n.nf\n\\&.x \\-y\n.fi\n.RE\n.TP\n.B c\nb: d\n.TP\n.B e\n\\&\n"
	if w.String() != want {
		t.Errorf("got\n%s\nwant\n%s", w.String(), want)
	}
}
