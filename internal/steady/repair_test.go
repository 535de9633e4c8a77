package steady

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/steadytest"
)

func TestRepairReadsALogFromStdin(t *testing.T) {
	var out bytes.Buffer
	p := steadytest.NewProject(t)
	p.Damage(steadytest.DepX, "")
	for log, want := range map[string]string{
		"main.go:3:8: " + p.File(steadytest.DepX) + ":1:1: expected 'package', found 'EOF'\n": "all repaired",
		"--- FAIL: TestX (0.00s)\n": "gosteady: - has no failure that points at the module cache",
	} {
		out.Reset()
		app := &App{Stdin: strings.NewReader(log), Stdout: &out, Stderr: &out, Place: p.Place}
		app.Run([]string{"repair", "--log", "-"})
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, &out)
		}
	}
}
