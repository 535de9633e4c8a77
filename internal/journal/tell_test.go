package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// sampleInvocation has one failure of each outcome.
func sampleInvocation(exit int) Invocation {
	a := healed(time.Second, time.Second, "proxy.golang.org", classify.Reset)
	a.Module, a.Version = "golang.org/x/mod", "v0.1.0"
	return Invocation{Time: noon, Exit: exit, Command: []string{"mod", "download"}, Events: []Event{a,
		{Time: noon, Outcome: Unhealed, Class: classify.ServerError, Upstream: "p%q.example", Module: "a|b"},
		{Time: noon, Outcome: Unhealed, Class: classify.NotFound, Upstream: "proxy.golang.org"},
		{Time: noon, Outcome: Noted, Text: "a decision"},
	}}
}

const (
	healedText = "gosteady: healed 1 fetch failure in 1.0s (proxy.golang.org: 1 reset); see 'go steady last'"
	failedText = "gosteady: not healed: a|b from p%q.example: server-error, and 1 more; " +
		"healed 1 fetch failure in 1.0s (proxy.golang.org: 1 reset); see 'go steady last'"
)

// tell runs a Teller and returns stderr and what was run.
func tell(inv Invocation, env map[string]string, runErr error) (stderr, ran string) {
	var out, calls bytes.Buffer
	Teller{
		Getenv: func(k string) string { return env[k] },
		Stderr: &out,
		Run: func(input, name string, args ...string) error {
			calls.WriteString(name + " " + strings.Join(args, " ") + "\n" + input)
			return runErr
		},
		Kept: true,
	}.Tell(inv)
	return out.String(), calls.String()
}

func TestTellPlain(t *testing.T) {
	for _, env := range []map[string]string{nil, {"CI": "true"}, {"GITLAB_CI": "true", "CI": "true"}} {
		if got, ran := tell(sampleInvocation(1), env, nil); got != failedText+"\n" || ran != "" {
			t.Errorf("%v: %q, ran %q", env, got, ran)
		}
	}
	quiet := Invocation{Events: []Event{{Outcome: Noted}}}
	for _, env := range []map[string]string{nil, {"GITHUB_ACTIONS": "true"}, {"TF_BUILD": "True"}, {"BUILDKITE": "true"}} {
		if got, ran := tell(quiet, env, nil); got != "" || ran != "" {
			t.Errorf("%v: nothing happened, and it says %q, runs %q", env, got, ran)
		}
	}
}

func TestTellGitHub(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary")
	env := map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": file}
	tell(sampleInvocation(1), env, nil)
	if _, err := os.Stat(file); err == nil {
		t.Error("the summary was made: that is for the CI system to do")
	}
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	got, _ := tell(sampleInvocation(1), env, nil)
	want := "::error title=gosteady::" + strings.ReplaceAll(failedText, "%", "%25") + "\n"
	if got != want {
		t.Errorf("stderr\n%s\nwant\n%s", got, want)
	}
	if _, _ = tell(sampleInvocation(0), env, nil); got == "" {
		t.Error("nothing the second time")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "### gosteady: `go mod download`"); n != 2 {
		t.Errorf("%d headings, want 2: the summary is added to\n%s", n, data)
	}
	if !strings.Contains(string(data), "| healed | reset | proxy.golang.org | golang.org/x/mod@v0.1.0 | retry | 1 | 1.0s |\n") ||
		!strings.Contains(string(data), "| unhealed | server-error | p%q.example | a¦b |") || strings.Contains(string(data), "decision") {
		t.Errorf("summary:\n%s", data)
	}
}

// TestTellGitHubHealed: what failed inside and still succeeded is no error.
func TestTellGitHubHealed(t *testing.T) {
	got, _ := tell(sampleInvocation(0), map[string]string{"GITHUB_ACTIONS": "true"}, nil)
	if got != "::warning title=gosteady::"+healedText+"\n" {
		t.Errorf("stderr = %q", got)
	}
}

func TestTellAzure(t *testing.T) {
	dir := t.TempDir()
	got, _ := tell(sampleInvocation(1), map[string]string{"TF_BUILD": "True", "AGENT_TEMPDIRECTORY": dir}, nil)
	lines := strings.Split(got, "\n")
	if lines[0] != "##vso[task.logissue type=error]"+strings.ReplaceAll(failedText, "%", "%AZP25") {
		t.Errorf("stderr = %s", got)
	}
	name, ok := strings.CutPrefix(lines[1], "##vso[task.uploadsummary]"+dir)
	if data, err := os.ReadFile(dir + name); !ok || err != nil || !strings.Contains(string(data), "| healed |") {
		t.Errorf("summary: %s, %v", data, err)
	}
	got, _ = tell(sampleInvocation(0), map[string]string{"TF_BUILD": "True"}, nil)
	if strings.Contains(got, "uploadsummary") {
		t.Error("a summary without a directory of the agent's")
	}
}

func TestTellBuildkite(t *testing.T) {
	env := map[string]string{"BUILDKITE": "true"}
	got, ran := tell(sampleInvocation(0), env, errors.New("no agent"))
	if got != healedText+"\n" || !strings.HasPrefix(ran, "buildkite-agent annotate --style warning --context gosteady --append\n### gosteady") {
		t.Errorf("stderr %q, ran %q", got, ran)
	}
	if _, ran := tell(sampleInvocation(1), env, nil); !strings.Contains(ran, "--style error") {
		t.Errorf("ran %q", ran)
	}
	Teller{Getenv: func(k string) string { return env[k] }, Stderr: new(bytes.Buffer)}.Tell(sampleInvocation(0)) // no Run
}
