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
	root.AddCommand(newVersionCommand(app), newCompletionCommand(app))
	root.SetArgs(args)
	err := root.Execute()
	return out.String(), err
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
