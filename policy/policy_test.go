package policy

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
)

var update = flag.Bool("update", false, "rewrite golden files, schema.json and docs/policy-reference.md")

// A machine is a place to load policies in: its own layers, a repository with
// a module, and an environment.
type machine struct {
	t    testing.TB
	root string
	env  map[string]string
}

// newMachine makes a machine; repository is the text of its policy, "" for
// none.
func newMachine(t testing.TB, repository string) *machine {
	m := &machine{t: t, root: t.TempDir(), env: map[string]string{}}
	for _, dir := range []string{"system", "user", "home", "repo/.git"} {
		if err := os.MkdirAll(filepath.Join(m.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	m.env["HOME"] = filepath.Join(m.root, "home")
	if repository != "" {
		m.write("repo/"+FileName, repository)
	}
	return m
}

func (m *machine) write(name, text string) string {
	file := filepath.Join(m.root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
	return file
}

func (m *machine) loader() Loader {
	repo := filepath.Join(m.root, "repo")
	var environ []string
	for k, v := range m.env {
		environ = append(environ, k+"="+v)
	}
	return Loader{
		Getenv:   func(name string) string { return m.env[name] },
		Settings: goenv.Read(append(environ, "GOENV=off"), ""),
		Dir:      repo, ModuleRoot: repo,
		SystemDir: filepath.Join(m.root, "system"),
		UserDir:   filepath.Join(m.root, "user"),
	}
}

func (m *machine) load() (*Policy, []Notice) { return m.loader().Load() }

// problems are the messages of a policy's errors and warnings.
func problems(p *Policy) []string {
	var out []string
	for _, pr := range p.Problems {
		out = append(out, pr.Error())
	}
	return out
}

func errorsIn(p *Policy) []string {
	var out []string
	for _, pr := range p.Problems {
		if !pr.Warning {
			out = append(out, pr.Error())
		}
	}
	return out
}

func trusts(p *Policy) []string {
	var out []string
	for _, i := range p.Ignored {
		out = append(out, i.Trust)
	}
	return out
}
