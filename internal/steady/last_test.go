package steady

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
)

// appWith is an App whose journal has these invocations.
func appWith(t *testing.T, list ...journal.Invocation) (*App, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	for _, inv := range list {
		if err := journal.NewStore(dir).Append(inv); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	return &App{
		Stdout: &out, Stderr: &out,
		Place: here.Place{Dir: dir, Env: []string{"GOSTEADY_STATE=" + dir, "GOENV=off", "GOPRIVATE=corp.example"}},
	}, &out
}

func TestLast(t *testing.T) {
	quiet := journal.Invocation{Time: steadytest.Monday, Command: []string{"list", "quiet"}}
	other := steadytest.Known()
	other.Command = []string{"build", "./..."}
	app, out := appWith(t, other, steadytest.Known(), quiet)
	for args, want := range map[string][]string{
		"last":             {"go mod download\n", "2 server-error"},
		"last -n 2":        {"go build ./...\n", "\n\ngo mod download\n"},
		"last --json":      {`"command":["mod","download"]`, `"class":"http2"`},
		"last --json -n 9": {`"command":["build","./..."]`, "}\n{"},
	} {
		out.Reset()
		if code := app.Run(strings.Fields(args)); code != 0 {
			t.Errorf("%s: exit %d", args, code)
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%s lacks %q:\n%s", args, w, out)
			}
		}
	}
	out.Reset()
	if code := app.Run([]string{"last", "-n", "0"}); code != 1 || !strings.Contains(out.String(), "gosteady: -n 0") {
		t.Errorf("-n 0: exit %d, %s", code, out)
	}
}

func TestLastEmpty(t *testing.T) {
	app, out := appWith(t)
	if code := app.Run([]string{"last"}); code != 0 || !strings.HasPrefix(out.String(), "the journal is empty") {
		t.Errorf("exit %d: %s", code, out)
	}
	out.Reset()
	if code := app.Run([]string{"last", "--json"}); code != 0 || out.Len() != 0 {
		t.Errorf("--json: exit %d: %s", code, out)
	}
}

func TestLastRedact(t *testing.T) {
	inv := steadytest.Known()
	inv.Command = []string{"get", "corp.example/secret@v1.0.0", "golang.org/x/mod"}
	app, out := appWith(t, inv)
	if code := app.Run([]string{"last", "--json", "--redact"}); code != 0 {
		t.Fatalf("exit %d: %s", code, out)
	}
	for _, leak := range []string{"corp.example", "/src/m", "secret"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is told:\n%s", leak, out)
		}
	}
	for _, kept := range []string{"golang.org/x/mod", `"private-1@v1.0.0"`, "stream error: private-1"} {
		if !strings.Contains(out.String(), kept) {
			t.Errorf("%q is lost:\n%s", kept, out)
		}
	}
}

// TestLastAll: a command that met nothing is shown where it is asked for.
func TestLastAll(t *testing.T) {
	app, out := appWith(t)
	steadytest.Record(t, journal.NewStore(app.Getenv("GOSTEADY_STATE")), 1)
	app.Run([]string{"last"})
	if !strings.HasPrefix(out.String(), "the journal is empty") {
		t.Error(out)
	}
	out.Reset()
	app.Run([]string{"last", "--all"})
	if !strings.Contains(out.String(), "go mod download") {
		t.Error(out)
	}
	file := filepath.Join(t.TempDir(), "page")
	app.Run([]string{"last", "--all", "--html", file})
	if page, err := os.ReadFile(file); err != nil || bytes.Contains(page, []byte("What was met")) || !bytes.Contains(page, []byte("<details")) {
		t.Errorf("%v\n%s", err, page)
	}
}
