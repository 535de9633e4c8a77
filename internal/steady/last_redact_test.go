package steady

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
)

// secretive is an invocation in which a module of mod's path failed.
func secretive(mod string, private bool) journal.Invocation {
	return journal.Invocation{Time: steadytest.Monday, Exit: 1, Command: []string{"get", mod + "/cmd/tool@v1.0.0"}, Events: []journal.Event{
		{Time: steadytest.Monday, Outcome: journal.Unhealed, Class: classify.VCSNetwork, Module: mod, Private: private, Version: "v1.0.0",
			Text: "git ls-remote https://" + mod + ".git: lookup " + strings.Split(mod, "/")[0] + ": no such host"},
		{Time: steadytest.Monday, Outcome: journal.Unhealed, Class: classify.Timeout, Module: "golang.org/x/mod", Version: "v0.1.0", Upstream: "proxy.golang.org"},
	}}
}

// redacted runs "last --redact" in a directory and an environment, and returns
// what it prints.
func redacted(t *testing.T, env []string, dir string, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	app := &App{Stdout: &out, Stderr: &errOut, Place: here.Place{Dir: dir, Env: append([]string{"GOENV=off"}, env...)}}
	if code := app.Run(append([]string{"last", "--redact"}, args...)); code != 0 {
		t.Fatalf("exit %d: %s", code, errOut.String())
	}
	return out.String(), errOut.String()
}

// Private is also what a policy names, and what the journal says was private.
func TestRedactKnowsWhatIsPrivate(t *testing.T) {
	const mod = "git.corp.test/team/secretproject"
	for _, tt := range []struct {
		name, env, policy string
		recorded, masked  bool
	}{
		{"GOPRIVATE", "GOPRIVATE=*.corp.test", "", false, true},
		{"GONOPROXY", "GONOPROXY=git.corp.test/team", "", false, true},
		{"the policy", "X=", "private: [\"git.corp.test\"]\n", false, true},
		{"the journal", "X=", "", true, true},
		{"the journal, where GOPRIVATE is another", "GOPRIVATE=other.test", "", true, true},
		{"nobody", "X=", "", false, false},
		{"nobody, though GONOPROXY says none", "GONOPROXY=none", "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			state, dir := t.TempDir(), t.TempDir()
			config := filepath.Join(dir, "config", "gosteady")
			if err := errors.Join(os.MkdirAll(config, 0o755), os.WriteFile(filepath.Join(config, "policy.yaml"), []byte(tt.policy), 0o644)); err != nil {
				t.Fatal(err)
			}
			if err := journal.NewStore(state).Append(secretive(mod, tt.recorded)); err != nil {
				t.Fatal(err)
			}
			env := []string{"GOSTEADY_STATE=" + state, "HOME=" + dir, "XDG_CONFIG_HOME=" + filepath.Dir(config), tt.env}
			page := filepath.Join(dir, "page")
			for _, args := range [][]string{nil, {"--json"}, {"--html", page}, {"--trace", page}} {
				out, said := redacted(t, env, dir, args...)
				if data, err := os.ReadFile(page); err == nil {
					out += string(data)
				}
				_ = os.Remove(page)
				if strings.Contains(out, "secretproject") == tt.masked || !strings.Contains(out, "golang.org/x/mod") {
					t.Errorf("%v: masked: want %v\n%s", args, tt.masked, out)
				}
				if tt.masked && strings.Contains(out, "git.corp") {
					t.Errorf("%v: the host is told:\n%s", args, out)
				}
				if warned := strings.Contains(said, "gosteady: --redact masks directories only"); warned == tt.masked || strings.Count(said, "\n") > 1 {
					t.Errorf("%v: said %q", args, said)
				}
			}
		})
	}
}

// A journal of before has no word on what was private, and is read as ever.
func TestRedactOldJournal(t *testing.T) {
	state := t.TempDir()
	line := `{"time":"2026-01-02T03:04:05Z","duration":1,"exit":1,"command":["build"],"events":[{"time":"2026-01-02T03:04:05Z","outcome":"unhealed","class":"connect","module":"corp.test/a","version":"v1.0.0","text":"corp.test/a: refused"}]}`
	if err := os.WriteFile(filepath.Join(state, "journal.jsonl"), []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, said := redacted(t, []string{"GOSTEADY_STATE=" + state, "GOPRIVATE=corp.test"}, state)
	if strings.Contains(out, "corp.test") || !strings.Contains(out, "private-1@v1.0.0") || said != "" {
		t.Errorf("%s\n%s", out, said)
	}
}
