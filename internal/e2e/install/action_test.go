//go:build unix

package install

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/gosteady/gosteady/internal/modtest"
)

// A job is what a runner of GitHub Actions does for the steps of one job: the files by
// which a step sets variables, PATH and the summary for those after it.
type job struct {
	*machine
	temp    string
	summary string // of all steps
	steps   int
}

// newJob begins a job on a runner, github-hosted or self-hosted, on which release v9.9.9
// can be downloaded and the toolchain that is returned is in the tool cache, not in PATH.
func newJob(t *testing.T, runner string) (j *job, root, sum string) {
	t.Helper()
	m := newMachine(t)
	j = &job{machine: m, temp: m.home + "/_temp"}
	root = m.toolchain("hostedtoolcache/go/1.99.0/x64")
	base, sum := release(t, "SUM  NAME\n")
	maps.Copy(m.env, map[string]string{
		"PATH": "/usr/bin:/bin", "RUNNER_TEMP": j.temp, "RUNNER_TOOL_CACHE": m.home + "/hostedtoolcache", "RUNNER_ENVIRONMENT": runner,
		"GITHUB_ACTIONS": "true", "CI": "true", "GOSTEADY_DOWNLOAD_BASE": base, "GOCACHE": modtest.GOCACHE(), "GOPATH": m.home + "/gopath",
	})
	delete(m.env, "GOSTEADY_STATE") // the action's business
	m.env["XDG_STATE_HOME"] = m.home + "/.local/state"
	m.write("_temp/.keep", "")
	return j, root, sum
}

// step runs a script as one step, and then does what the files say that it wrote.
func (j *job) step(script string, env map[string]string) (string, int) {
	j.t.Helper()
	j.steps++
	before := maps.Clone(j.env)
	maps.Copy(j.env, env)
	files := map[string]string{}
	for _, name := range []string{"GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"} {
		j.write("_temp/"+name, "")
		files[name] = filepath.Join(j.temp, name)
		j.env[name] = files[name]
	}
	j.write("_temp/step.sh", script)
	out, code := j.run("/bin/sh", "-e", j.temp+"/step.sh")
	j.env = before
	for line := range strings.Lines(read(j.t, files["GITHUB_ENV"])) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok {
			j.t.Errorf("GITHUB_ENV has %q", line)
		}
		j.env[name] = value
	}
	for line := range strings.Lines(read(j.t, files["GITHUB_PATH"])) {
		j.env["PATH"] = strings.TrimSuffix(line, "\n") + ":" + j.env["PATH"]
	}
	j.summary += read(j.t, files["GITHUB_STEP_SUMMARY"])
	return out, code
}

// setupGo does what actions/setup-go does from v4 to v7: its directory, then GOPATH/bin.
func (j *job) setupGo(root string) {
	j.t.Helper()
	j.do(`mkdir -p "$GOPATH/bin"; printf '%s\n%s\n' '` + root + `/bin' "$GOPATH/bin" >>"$GITHUB_PATH"`)
}

// do runs a step that must succeed.
func (j *job) do(script string) string {
	j.t.Helper()
	out, code := j.step(script, nil)
	if code != 0 {
		j.t.Fatalf("%s: exit %d\n%s", script, code, out)
	}
	return out
}

// An action is an action.yml, as far as it is used here.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Using string
		Steps []struct {
			Shell string
			Run   string
			Env   map[string]string
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// uses runs the action in dir of this repository, used by ref.
func (j *job) uses(dir, ref string, inputs map[string]string) (out string, code int) {
	j.t.Helper()
	var a action
	if err := yaml.Unmarshal([]byte(read(j.t, filepath.Join(dir, "action.yml"))), &a); err != nil {
		j.t.Fatal(err)
	}
	for name := range inputs {
		if _, ok := a.Inputs[name]; !ok {
			j.t.Fatalf("there is no input %s", name)
		}
	}
	values := map[string]string{"github.action_ref": ref, "github.token": "token", "runner.os == 'Windows' && 'bash' || 'sh'": "sh"}
	for name, input := range a.Inputs {
		values["inputs."+name] = input.Default
		if value, ok := inputs[name]; ok {
			values["inputs."+name] = value
		}
	}
	expand := func(s string) string {
		return expression.ReplaceAllStringFunc(s, func(e string) string {
			value, ok := values[expression.FindStringSubmatch(e)[1]]
			if !ok {
				j.t.Errorf("%s/action.yml: unknown expression %s", dir, e)
			}
			return value
		})
	}
	wd, err := os.Getwd()
	if err != nil {
		j.t.Fatal(err)
	}
	if a.Runs.Using != "composite" {
		j.t.Errorf("%s/action.yml is %s, not composite", dir, a.Runs.Using)
	}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			j.t.Errorf("%s/action.yml: a script has an expression in it: %s", dir, s.Run)
		}
		if shell := expand(s.Shell); shell != "sh" {
			j.t.Errorf("%s/action.yml: shell %s", dir, shell)
		}
		env := map[string]string{"GITHUB_ACTION_PATH": filepath.Join(wd, dir)}
		for name, value := range s.Env {
			env[name] = expand(value)
		}
		one, status := j.step(s.Run, env)
		out += one
		if code = status; code != 0 {
			break
		}
	}
	return out, code
}

// setUp runs the action with release v9.9.9 and these inputs; it must succeed.
func (j *job) setUp(inputs map[string]string) string {
	j.t.Helper()
	out, code := j.uses(".", "v9.9.9", inputs)
	if code != 0 {
		j.t.Fatalf("the action: exit %d\n%s", code, out)
	}
	return out
}

// Before or after setup-go, a step that meets failures is healed and says so in its
// summary, and the report adds the totals.
func TestActionHeals(t *testing.T) {
	for _, tt := range []struct{ name, runner, order string }{
		{"before setup-go", "github-hosted", "action setup-go"},
		{"after setup-go", "github-hosted", "setup-go action"},
		{"between two", "github-hosted", "setup-go action setup-go"},
		{"on a self-hosted runner", "self-hosted", "setup-go action"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, root, _ := newJob(t, tt.runner)
			for _, what := range strings.Fields(tt.order) {
				if what == "action" {
					j.setUp(map[string]string{"trust": "proxy=https://athens.corp.example rotate"})
				} else {
					j.setupGo(root)
				}
			}
			if got := j.env["GOSTEADY_TRUST"]; got != "proxy=https://athens.corp.example rotate" {
				t.Errorf("GOSTEADY_TRUST=%s", got)
			}
			out, want := j.do("go steady which"), root+"/bin/go\n"
			if !strings.HasPrefix(out, want) {
				t.Errorf("which:\n%s\nwant %s", out, want)
			}
			j.fetches()
			if n := strings.Count(j.summary, "### gosteady: `go mod download`\n"); n != 1 || !strings.Contains(j.summary, "| healed | reset |") {
				t.Errorf("the summary has\n%s", j.summary)
			}
			j.summary = ""
			if out, code := j.uses("report", "v9.9.9", nil); code != 0 || out != "" {
				t.Errorf("report: exit %d\n%s", code, out)
			}
			if !strings.HasPrefix(j.summary, "### gosteady: all of this job\n\n```text\n") || !strings.Contains(j.summary, "1 go command met") {
				t.Errorf("the report adds\n%s", j.summary)
			}
		})
	}
}

// fetches runs a step that fetches a module, of which the proxy resets each answer once.
func (j *job) fetches() {
	j.t.Helper()
	p, dir := modtest.Flaky(j.t, "** each first=1 reset")
	j.env["GOPROXY"], j.env["GOSUMDB"], j.env["GOFLAGS"] = p.URL(), "off", "-modcacherw"
	j.env["GOSTEADY_RETRY_WAITS"] = "20ms,50ms"
	j.do("cd '" + dir + "'; go mod download")
}

// Nothing was met: nothing is said.
func TestReportOfNothing(t *testing.T) {
	j, root, _ := newJob(t, "github-hosted")
	j.setUp(nil)
	j.setupGo(root)
	j.do("go version")
	if out, code := j.uses("report", "v9.9.9", nil); code != 0 || out != "" || j.summary != "" {
		t.Errorf("exit %d\n%s\n%s", code, out, j.summary)
	}
}

// Where setup-go came first in PATH after all, the report says why nothing was healed.
func TestReportOfBypass(t *testing.T) {
	j, root, _ := newJob(t, "self-hosted")
	j.setUp(nil)
	j.setupGo(root)
	out, code := j.uses("report", "v9.9.9", nil)
	if want := "::warning title=gosteady::the first go in PATH is not gosteady: " + root + "/bin/go"; code != 0 || !strings.HasPrefix(out, want) {
		t.Errorf("exit %d\n%s\nwant %s", code, out, want)
	}
}

// In goroot mode also what starts go by its path is healed; on a self-hosted runner that
// has to be said twice, and can be undone by name.
func TestActionInPlace(t *testing.T) {
	for _, dir := range []string{"/usr/bin", "/bin"} {
		if _, err := os.Lstat(dir + "/go"); err == nil {
			t.Skipf("would change the toolchain of %s/go", dir)
		}
	}
	for _, runner := range []string{"github-hosted", "self-hosted"} {
		t.Run(runner, func(t *testing.T) {
			j, root, _ := newJob(t, runner)
			before := programs(t, root)
			inputs := map[string]string{"mode": "goroot"}
			if runner == "self-hosted" {
				j.setupGo(root)
				out, code := j.uses(".", "v9.9.9", inputs)
				if code == 0 || !strings.Contains(out, "::error title=gosteady::mode goroot changes the toolchains of this self-hosted runner") {
					t.Errorf("exit %d\n%s", code, out)
				}
				inputs["self-hosted"] = "goroot"
			}
			j.setUp(inputs)
			if out := j.do(root + "/bin/go steady which"); !strings.HasPrefix(out, root+"/bin/go.real\n") {
				t.Errorf("which:\n%s", out)
			}
			delete(j.env, "GOSTEADY_STATE") // another job
			// By name: without one, root's would remove what the machine itself has.
			shims := map[string]string{"github-hosted": j.home + "/gopath/bin", "self-hosted": j.temp + "/gosteady/shims"}[runner]
			j.do(root + "/bin/go steady uninstall --goroot " + root + " --prefix " + shims)
			if got := programs(t, root); got != before {
				t.Errorf("left\n%s\nwas\n%s", got, before)
			}
		})
	}
}

// The checkout's own program is used where the action is used by a commit or branch.
func TestActionFromSource(t *testing.T) {
	modtest.Slow(t, "builds gosteady")
	j, root, _ := newJob(t, "github-hosted")
	j.setupGo(root)
	j.env["GOFLAGS"] = "-modcacherw"
	found, err := exec.Command(realGo(), "env", "GOMODCACHE", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	j.env["GOMODCACHE"], j.env["GOPROXY"], _ = strings.Cut(strings.TrimSpace(string(found)), "\n")
	if out, code := j.uses(".", "main", nil); code != 0 || !strings.Contains(out, "gosteady: building with ") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	j.do("go steady version")
}

// What an input may be. Nothing is installed, and no variable set, where one is refused.
func TestActionInputs(t *testing.T) {
	zeros := strings.Repeat("0", 64)
	for name, tt := range map[string]struct {
		inputs map[string]string // SUM is the archive's
		want   string            // what is said; "" for success
	}{
		"a sum":              {map[string]string{"version": "v9.9.9", "sha256": "SUM"}, ""},
		"a wrong sum":        {map[string]string{"version": "v9.9.9", "sha256": zeros}, "not " + zeros + "; nothing was installed"},
		"a sum of nothing":   {map[string]string{"version": "main", "sha256": zeros}, "version is no release"},
		"no sum":             {map[string]string{"sha256": "latest"}, "sha256 is no SHA-256"},
		"no version":         {map[string]string{"version": "9.9.9"}, "version is no release"},
		"a path":             {map[string]string{"version": "v9/../x"}, "version is no release"},
		"a mode":             {map[string]string{"mode": "all"}, "mode is shims or goroot"},
		"a variable more":    {map[string]string{"trust": "rotate\nLD_PRELOAD=/tmp/x.so"}, "an input has more than one line"},
		"a command more":     {map[string]string{"version": "v9.9.9\n::add-path::/tmp"}, "an input has more than one line"},
		"a carriage return":  {map[string]string{"trust": "rotate\rX=1"}, "an input has more than one line"},
		"no shell reads it":  {map[string]string{"trust": `$(touch /tmp/x)"; exit 1; "`}, ""},
		"no option is added": {map[string]string{"version": "v9.9.9 --goroot /"}, "version is no release"},
	} {
		t.Run(name, func(t *testing.T) {
			j, root, sum := newJob(t, "github-hosted")
			j.setupGo(root)
			env := maps.Clone(j.env)
			for key, value := range tt.inputs {
				tt.inputs[key] = strings.ReplaceAll(value, "SUM", sum)
			}
			out, code := j.uses(".", "v9.9.9", tt.inputs)
			if (tt.want == "") != (code == 0) || !strings.Contains(out, tt.want) {
				t.Errorf("exit %d\n%s\nwant in it: %s", code, out, tt.want)
			}
			if code == 0 {
				if trust := tt.inputs["trust"]; j.env["GOSTEADY_TRUST"] != trust {
					t.Errorf("GOSTEADY_TRUST=%s, want %s", j.env["GOSTEADY_TRUST"], trust)
				}
				return
			}
			if _, err := os.Lstat(j.env["GOPATH"] + "/bin/go"); err == nil {
				t.Error("installed all the same")
			}
			if !maps.Equal(j.env, env) {
				t.Errorf("variables\n%v\nwere\n%v", j.env, env)
			}
		})
	}
}
