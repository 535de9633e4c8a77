//go:build unix

package install

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/gosteady/gosteady/internal/modtest"
)

// A recipe is a file of examples/ci: what a CI system would run of it, as a script that
// works in the repository.
type recipe struct {
	file   string
	script func(t *testing.T, m *machine, text string) string
}

var recipes = []recipe{
	{"gitlab-ci.yml", func(t *testing.T, _ *machine, text string) string {
		ci := decodeYAML[map[string]struct {
			BeforeScript []string `yaml:"before_script"`
			Script       []string
		}](t, text)
		return strings.Join(append(ci["test"].BeforeScript, ci["test"].Script...), "\n")
	}},
	{"buildkite.yml", func(t *testing.T, _ *machine, text string) string {
		ci := decodeYAML[struct{ Steps []struct{ Command []string } }](t, text)
		return strings.ReplaceAll(strings.Join(ci.Steps[0].Command, "\n"), "$$", "$")
	}},
	{"azure-pipelines.yml", func(t *testing.T, _ *machine, text string) string {
		ci := decodeYAML[struct{ Steps []struct{ Bash string } }](t, text)
		var b strings.Builder
		for _, s := range ci.Steps { // each in a shell of its own, with what those before have put into PATH
			if s.Bash != "" {
				b.WriteString("(\n" + s.Bash + "\n) >out; cat out; PATH=$(sed -n 's/^##vso\\[task.prependpath\\]//p' out | tr '\\n' ':')$PATH\n")
			}
		}
		return b.String()
	}},
	{"devcontainer.json", func(t *testing.T, _ *machine, text string) string {
		var c struct{ OnCreateCommand string }
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			t.Fatal(err)
		}
		return c.OnCreateCommand + "\ngo test ./..."
	}},
	{"Dockerfile", dockerfile},
	{"Dockerfile.inplace", dockerfile},
}

func decodeYAML[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var copyFrom = regexp.MustCompile(`^COPY --from=ghcr\.io/gosteady/gosteady:\S+ (\S+) (\S+)$`)

var mountFrom = regexp.MustCompile(`^RUN --mount=from=ghcr\.io/gosteady/gosteady:\S+,target=(\S+) `)

// dockerfile runs RUN and ENV as they are; the image's files are as packaging/image lays
// them out, which internal/e2e/release looks at.
func dockerfile(t *testing.T, m *machine, text string) string {
	t.Helper()
	image := m.home + "/image"
	shims := image + "/usr/local/lib/gosteady/shims"
	m.write("image/usr/local/lib/gosteady/shims/gosteady", read(t, built()))
	for link, target := range map[string]string{shims + "/go": "gosteady", image + "/gosteady": "usr/local/lib/gosteady/shims/gosteady"} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(shims+"/gosteady", 0o755); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if c := copyFrom.FindStringSubmatch(line); c != nil {
			b.WriteString("mkdir -p " + m.home + filepath.Dir(c[2]) + "; cp -R " + image + c[1] + " " + m.home + c[2] + "\n")
		} else if c := mountFrom.FindStringSubmatch(line); c != nil {
			command := strings.TrimPrefix(line, c[0])
			b.WriteString(strings.ReplaceAll(command, c[1]+"/", image+"/") + "\n")
		} else if env, ok := strings.CutPrefix(line, "ENV "); ok {
			b.WriteString("export " + env + "\n")
		} else if command, ok := strings.CutPrefix(line, "RUN "); ok {
			b.WriteString(command + "\n")
		} else if !strings.HasPrefix(line, "FROM golang:") && line != "COPY go.mod go.sum ./" {
			t.Errorf("what is %q?", line)
		}
	}
	return b.String()
}

// released puts a curl into PATH that has the release which the recipes name, and no
// other address.
func (m *machine) released(version string) {
	m.t.Helper()
	files, _ := releaseFiles(m.t, version, "SUM  NAME\n")
	files["install.sh"] = read(m.t, "install.sh")
	for name, text := range files {
		m.write("release/"+name, text)
	}
	m.write("stubs/curl", `#!/bin/sh
out=/dev/stdout
while [ $# -gt 1 ]; do case $1 in -o) out=$2 && shift ;; esac; shift; done
case $1 in https://github.com/gosteady/gosteady/releases/download/`+version+`/*) cat "`+m.home+`/release/${1##*/}" >"$out" ;; *) exit 22 ;; esac
`)
	m.write("stubs/sudo", "#!/bin/sh\nexec \"$@\"\n")
	for _, name := range []string{"curl", "sudo"} {
		if err := os.Chmod(m.home+"/stubs/"+name, 0o755); err != nil {
			m.t.Fatal(err)
		}
	}
}

var recipeVersion = regexp.MustCompile(`v\d+\.\d+\.\d+`)

// Each recipe, as it stands, heals what its own commands meet.
func TestRecipes(t *testing.T) {
	for _, r := range recipes {
		t.Run(r.file, func(t *testing.T) {
			text := read(t, filepath.Join("examples/ci", r.file))
			m := newMachine(t)
			root := m.toolchain("usr/local/go")
			if version := recipeVersion.FindString(text); version != "" {
				m.released(version)
			}
			p, dir := modtest.Flaky(t, "** each first=1 reset")
			for k, v := range map[string]string{
				"PATH": m.home + "/stubs:" + root + "/bin:/usr/bin:/bin", "GOPROXY": p.URL(), "GOSUMDB": "off", "GOFLAGS": "-modcacherw",
				"GOCACHE": modtest.GOCACHE(), "GOMODCACHE": t.TempDir(), "GOSTEADY_RETRY_WAITS": "20ms,50ms",
			} {
				m.env[k] = v
			}
			script := r.script(t, m, text)
			// Places of the machine are below the home here.
			script = regexp.MustCompile(`/usr/local/(go|lib/gosteady)\b`).ReplaceAllStringFunc(script, func(place string) string { return m.home + place })
			script = strings.ReplaceAll(script, m.home+"/image"+m.home, m.home+"/image")
			script = strings.ReplaceAll(script, m.home+m.home, m.home)
			out, code := m.run("/bin/sh", "-e", "-c", "cd '"+dir+"'\n"+script+"\ngo steady which")
			if code != 0 || !strings.Contains(out, "gosteady: healed ") {
				t.Errorf("exit %d of\n%s\n%s", code, script, out)
			}
		})
	}
}

// The workflow uses the actions of this repository in its order.
func TestRecipeOfGitHub(t *testing.T) {
	ci := decodeYAML[struct {
		Jobs map[string]struct {
			Steps []struct{ Uses, Run, If string }
		}
	}](t, read(t, "examples/ci/github.yml"))
	j, root, _ := newJob(t, "github-hosted")
	p, dir := modtest.Flaky(t, "** each first=1 reset")
	for _, s := range ci.Jobs["test"].Steps {
		name, ref, _ := strings.Cut(s.Uses, "@")
		switch own, ok := strings.CutPrefix(name+"/", "gosteady/gosteady/"); {
		case ok:
			if !recipeVersion.MatchString(ref) {
				t.Errorf("%s is no release", s.Uses)
			}
			if out, code := j.uses("./"+own, "v9.9.9", nil); code != 0 {
				t.Fatalf("%s: exit %d\n%s", s.Uses, code, out)
			}
		case name == "actions/setup-go":
			j.setupGo(root)
		case s.Run != "":
			j.env["GOPROXY"], j.env["GOSUMDB"], j.env["GOFLAGS"], j.env["GOSTEADY_RETRY_WAITS"] = p.URL(), "off", "-modcacherw", "20ms,50ms"
			j.do("cd '" + dir + "'\n" + s.Run)
		}
	}
	for _, want := range []string{"### gosteady: `go test ./...`\n", "### gosteady: all of this job\n"} {
		if !strings.Contains(j.summary, want) {
			t.Errorf("the summary lacks %s:\n%s", want, j.summary)
		}
	}
}

// The hook of pre-commit says what is wrong with a policy.
func TestPreCommitHook(t *testing.T) {
	hooks := decodeYAML[[]struct{ ID, Entry, Language, Files string }](t, read(t, ".pre-commit-hooks.yaml"))
	used := decodeYAML[struct {
		Repos []struct{ Hooks []struct{ ID string } }
	}](t, read(t, "examples/ci/pre-commit-config.yaml"))
	if len(hooks) != 1 || hooks[0].Language != "golang" || used.Repos[0].Hooks[0].ID != hooks[0].ID || !regexp.MustCompile(hooks[0].Files).MatchString(".gosteady.yaml") {
		t.Fatalf("%+v %+v", hooks, used)
	}
	m := newMachine(t)
	m.env["PATH"] = filepath.Dir(built()) + ":" + m.env["PATH"]
	m.write("repo/.git/HEAD", "ref: refs/heads/main\n")
	for policy, want := range map[string]int{"version: 1\nretry: {attempts: 3}\n": 0, "version: 1\nretry: {attempts: many}\n": 1} {
		m.write("repo/.gosteady.yaml", policy)
		if out, code := m.run("/bin/sh", "-c", "umask 022; chmod 644 '"+m.home+"/repo/.gosteady.yaml'; cd '"+m.home+"/repo' && "+hooks[0].Entry); code != want {
			t.Errorf("exit %d, want %d\n%s", code, want, out)
		}
	}
}
