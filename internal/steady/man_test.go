package steady

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// printed runs a command below a small tree of its own and returns its stdout.
func printed(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	app := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}
	root := &cobra.Command{Use: "gosteady", Short: "short", SilenceErrors: true, SilenceUsage: true}
	root.SetOut(&out)
	root.SetErr(&out)
	group := &cobra.Command{Use: "policy", Short: "the policy"}
	check := &cobra.Command{
		Use: "check [FILE]", Short: "check a policy", RunE: func(*cobra.Command, []string) error { return nil },
		Long:    "Check it.\n\n.gosteady.yaml is the default; back\\slash.",
		Example: "  gosteady policy check --json",
	}
	check.Flags().Bool("json", false, "print JSON")
	hidden := &cobra.Command{Use: "internal", Hidden: true, RunE: check.RunE}
	group.AddCommand(check)
	root.AddCommand(group, hidden, newVersionCommand(app), newCompletionCommand(app), newManCommand(app))
	root.SetArgs(args)
	err := root.Execute()
	return out.String(), err
}

func TestManPageHasEveryCommand(t *testing.T) {
	page, err := printed(t, "man")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		".TH GOSTEADY 1", ".SH NAME\ngosteady \\- short\n",
		".SS gosteady policy check [FILE] [flags]", ".SS gosteady version", ".SS gosteady man",
		"Check it.\n.PP\n\\&.gosteady.yaml", `back\eslash`, `\-\-json`,
		".SH ENVIRONMENT", "GOSTEADY_GO",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"internal", ".SS gosteady policy\n", ".SS gosteady help"} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %q", not)
		}
	}
}

func TestManPageIsRoff(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("no groff here")
	}
	page, err := printed(t, "man")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(groff, "-man", "-Tascii", "-ww")
	cmd.Stdin = strings.NewReader(page)
	if out, err := cmd.CombinedOutput(); err != nil || bytes.Contains(out, []byte("warning:")) {
		t.Errorf("groff: %v\n%s", err, out)
	}
}

func TestCompletionScriptsParse(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			script, err := printed(t, "completion", shell)
			if err != nil || !strings.Contains(script, "gosteady") {
				t.Fatalf("error %v, script %q", err, script)
			}
			bin, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("no %s here", shell)
			}
			file := filepath.Join(t.TempDir(), "completion")
			if err := os.WriteFile(file, []byte(script), 0o666); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(bin, "-n", file).CombinedOutput(); err != nil {
				t.Errorf("%s -n: %v\n%s", shell, err, out)
			}
		})
	}
}

func TestCompletionOfAnUnknownShell(t *testing.T) {
	_, err := printed(t, "completion", "tcsh")
	if err == nil || !strings.Contains(err.Error(), "bash, zsh, fish and powershell") {
		t.Errorf("got %v", err)
	}
}

func TestRoffEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"plain":    "plain",
		".request": `\&.request`,
		"'quote":   `\&'quote`,
		`a\b-c`:    `a\eb\-c`,
		"in .side": "in .side",
	} {
		if got := roff(in); got != want {
			t.Errorf("roff(%q) = %q, want %q", in, got, want)
		}
	}
}
