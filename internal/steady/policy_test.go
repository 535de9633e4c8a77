package steady

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
)

// A desk is a home and a module to run policy commands in.
type desk struct {
	t   *testing.T
	dir string
	env []string
}

func newDesk(t *testing.T, policyText string, env ...string) *desk {
	root := t.TempDir()
	d := &desk{t: t, dir: filepath.Join(root, "m")}
	d.env = append([]string{"HOME=" + root, "USERPROFILE=" + root, "XDG_CONFIG_HOME=" + filepath.Join(root, "config"),
		"GOENV=off", "GOSTEADY_STATE=" + filepath.Join(root, "state"), "PATH=" + os.Getenv("PATH")}, env...)
	d.write("go.mod", "module example.com/m\n")
	if policyText != "" {
		d.write(".gosteady.yaml", policyText)
	}
	return d
}

func (d *desk) write(name, text string) {
	file := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// run runs "go steady policy" and returns its exit status and both streams.
func (d *desk) run(args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	app := &App{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Place: here.Place{Env: d.env, Dir: d.dir}}
	code = app.Run(append([]string{"policy"}, args...))
	return code, stdout.String(), stderr.String()
}

func (d *desk) expect(code int, want string, args ...string) {
	d.t.Helper()
	got, out, errs := d.run(args...)
	if got != code || !strings.Contains(out+errs, want) {
		d.t.Errorf("policy %v: exit %d, want %d with %q in\n%s%s", args, got, code, want, out, errs)
	}
}

func TestPolicyCheck(t *testing.T) {
	newDesk(t, "").expect(0, "ok: no policy file here", "check")
	newDesk(t, "version: 1\n").expect(0, "ok: .gosteady.yaml", "check")

	d := newDesk(t, "retry: {atempts: 3}\nnotify: heald\n", "GOSTEADY_HEDGE=soon")
	_, out, _ := d.run("check")
	for _, want := range []string{
		".gosteady.yaml:1:9: retry.atempts: unknown key, did you mean attempts?",
		`.gosteady.yaml:2:9: notify: "heald" is unknown, did you mean healed?`,
		"GOSTEADY_HEDGE: hedge:",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	d.expect(1, "", "check")
	newDesk(t, "retry: {attempts: 99}\n").expect(0, "warning: 99 is above the ceiling", "check")

	d = newDesk(t, "proxies: [https://athens.corp.example]\n", "GOPROXY=https://a.example,https://b.example")
	d.expect(0, "to trust on this machine: go steady policy trust proxy=https://athens.corp.example", "check")
	d.expect(1, "ignored here", "check", "--strict")
	d.expect(0, "trap: GOPROXY", "check")
	d.write("other.yaml", "alert: x\n")
	d.expect(1, "other.yaml:1:1: alert: never taken from a repository", "check", "other.yaml")
	d.expect(1, "cannot be read", "check", "none.yaml")
	var report struct {
		Ignored []struct{ Trust, Origin string }
		Traps   []string
	}
	_, out, _ = d.run("check", "--json")
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Ignored) != 1 || len(report.Traps) == 0 {
		t.Errorf("as JSON: %v in %s", err, out)
	}
}

func TestPolicyShow(t *testing.T) {
	d := newDesk(t, "proxies: [https://goproxy.cn, https://x.example]\nhedge: off\n")
	for _, want := range []string{
		"https://goproxy.cn", ".gosteady.yaml:2:8", "retry.attempts", "built-in", "GOPROXY 3", "proxy=https://x.example", "repository file",
	} {
		d.expect(0, want, "show")
	}
	schema, err := os.ReadFile("../../policy/schema.json")
	if _, out, _ := d.run("show", "--schema"); err != nil || out != strings.ReplaceAll(string(schema), "\r\n", "\n") {
		t.Errorf("show --schema is not policy/schema.json (%v):\n%s", err, out)
	}
	d.expect(0, `"origin": ".gosteady.yaml:2:8"`, "show", "--json")
	d.expect(0, `"layer": "repository"`, "show", "--json")
	newDesk(t, "", "GOSTEADY=off").expect(0, "GOSTEADY=off", "show")
}

func TestPolicyTrust(t *testing.T) {
	d := newDesk(t, "proxies: [https://athens.corp.example]\n")
	d.expect(0, "to trust all of it: go steady policy trust proxy=https://athens.corp.example", "trust")
	d.expect(1, "cannot be trusted", "trust", "everything")
	d.expect(0, "trusted: proxy=https://athens.corp.example", "trust", "proxy=https://athens.corp.example", "rotate")
	d.expect(0, "nothing here needs trust", "trust")
	d.expect(0, "rotate\t", "trusted")
	d.expect(0, `"value": "rotate"`, "trusted", "--json")
	d.expect(0, "no longer trusted: rotate", "untrust", "rotate")
	d.expect(1, "is not in", "untrust", "rotate")
	if _, out, _ := d.run("trusted"); strings.Contains(out, "rotate") {
		t.Errorf("still trusted: %s", out)
	}
}

func TestPolicyInit(t *testing.T) {
	d := newDesk(t, "")
	d.expect(0, "wrote .gosteady.yaml", "init", "--proxy", "https://goproxy.cn", "--rotate")
	d.expect(1, "exists already", "init")
	d.expect(0, "wrote", "init", "--force")
	d.expect(0, "ok: .gosteady.yaml", "check")
	d.expect(0, "wait-for: 5m", "init", "--stdout", "--wait-for", "5m")
	d.expect(1, "plain http", "init", "--stdout", "--proxy", "http://x.example")
}

func TestPolicyExplain(t *testing.T) {
	d := newDesk(t, "rules: [{on: transient, when: ci, do: [retry, rotate]}]\n")
	d.expect(0, "server-error: retry (the built-in table)", "explain", "server-error")
	d.expect(0, "server-error: retry, then rotate (the rule at .gosteady.yaml:1:10)", "explain", "server-error", "--ci")
	d.expect(0, "checksum: retry, then purge", "explain", "integrity", "example.com/x")
	d.expect(1, "did you mean gone?", "explain", "goen")
	d.expect(0, `"class": "gone"`, "explain", "gone", "--json")
}

func TestPolicyReplay(t *testing.T) {
	d := newDesk(t, "rules: [{on: [server-error], do: [retry, rotate]}]\n")
	d.write("build.log", "go: github.com/x/y@v1.0.0: reading https://proxy.golang.org/github.com/x/y/@v/v1.0.0.zip: 503 Service Unavailable\n")
	d.expect(0, "retry, rotate", "replay", "build.log")
	d.expect(0, "server-error", "replay", "--json", "build.log")
	d.expect(0, "no fetch failure found", "replay", "go.mod")
	d.expect(1, "not both", "replay", "--journal", "build.log")
	d.expect(1, "give a log", "replay")
	d.expect(1, "no such file", "replay", "none.log")
	d.expect(0, "no fetch failure found", "replay", "--journal")
}

func TestPolicyReplayJournal(t *testing.T) {
	d := newDesk(t, "rules: [{on: [server-error], do: [retry, rotate]}]\n")
	store := journal.OpenStore(here.Place{Env: d.env}.Getenv)
	if err := store.Create(); err != nil {
		t.Fatal(err)
	}
	event := journal.Event{Outcome: journal.Unhealed, Class: classify.ServerError, Module: "github.com/x/y", Upstream: "proxy.example"}
	rec := journal.NewRecorder([]string{"build"}, d.dir, time.Now)
	for range 3 {
		rec.Add(event)
	}
	if err := store.Append(rec.Invocation(1)); err != nil {
		t.Fatal(err)
	}
	d.expect(0, "3  server-error  github.com/x/y proxy.example  unhealed  retry, rotate", "replay", "--journal")
}
