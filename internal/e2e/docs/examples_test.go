//go:build unix

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/gosteady/gosteady/internal/modtest"
)

// exampleFiles are the build files of the examples, and where the go command of each comes
// from: what stands before gosteady has the real go, what stands after it installs gosteady
// or has it already.
var exampleFiles = []struct {
	file, path string
	read       func(*testing.T, docBlock) string
}{
	{"examples/before/Dockerfile", "$REALBIN", dockerScript},
	{"examples/after/Dockerfile", "$BIN", dockerScript},
	{"examples/before/.github/workflows/ci.yml", "$REALBIN", workflowScript},
	{"examples/after/.github/workflows/ci.yml", "$REALBIN", workflowScript},
	{"examples/before/.gitlab-ci.yml", "$REALBIN", workflowScript},
	{"examples/after/.gitlab-ci.yml", "$REALBIN", workflowScript},
}

// ofInstalling are the lines of a script that bring gosteady to a machine. They have a proxy
// that works: the one of the examples has nothing but their own modules.
var ofInstalling = regexp.MustCompile(`(?m)^.*(install\.sh|git clone).*\n`)

// TestExampleFiles does what the build files of the examples say, behind the proxy of
// examples/flaky, which breaks off each zip twice.
func TestExampleFiles(t *testing.T) {
	modtest.Slow(t, "builds gosteady")
	src := checkoutCopy(t)
	for _, e := range exampleFiles {
		t.Run(e.file, func(t *testing.T) {
			t.Parallel()
			script := e.read(t, docBlock{page: e.file, text: readPage(t, e.file), line: 1})
			install := strings.Join(ofInstalling.FindAllString(script, -1), "")
			build := ofInstalling.ReplaceAllString(script, "")
			m := newDocMachine(t, src, e.file, install+"/tmp/flaky ")
			m.shell("rm -rf gosteady .gosteady && cp -R . .gosteady") // where the workflow checks it out
			out, code := m.sh("go build -o /tmp/flaky ./examples/flaky\n" + install +
				"cat >/tmp/build <<'END'\nset -e\n" + build + "go version\nEND\n" +
				"export PATH=" + e.path + ":$REALBIN:$ROOT/stubs:$PATH\n" +
				"/tmp/flaky " + strings.Join(strings.Split(e.file, "/")[:2], "/") + " sh /tmp/build")
			if code != 0 {
				t.Errorf("exit status %d of\n%s\n%s", code, script, out)
			}
			if after := strings.Contains(e.file, "/after/"); after != strings.Contains(out, "gosteady: healed") {
				t.Errorf("healed is not %v in\n%s", after, out)
			}
		})
	}
}

// The policy at the root of a repository with several modules holds in each of them.
func TestExampleOfModules(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("examples/monorepo/after")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	env := modtest.Env(t, "GOPROXY=https://proxy.golang.org,direct")
	for _, module := range []string{"api", "worker"} {
		at := filepath.Join(dir, module)
		if got := modtest.Run(t, at, env, built(), "policy", "check", "--strict"); got.Code != 0 {
			t.Errorf("policy check in %s: exit status %d\n%s", module, got.Code, got.Stdout+got.Stderr)
		}
		got := modtest.Run(t, at, env, built(), "policy", "explain", "gone", "example.com/shop/api")
		if !strings.Contains(got.Stdout, "10m") {
			t.Errorf("policy explain in %s says\n%s", module, got.Stdout+got.Stderr)
		}
	}
}

// The workflows of the repository and of its examples can be read.
func TestWorkflowsParse(t *testing.T) {
	for _, pattern := range []string{".github/workflows/*.yml", "examples/*/.github/workflows/*.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Errorf("%s: no files (%v)", pattern, err)
		}
		for _, file := range files {
			var doc struct{ Jobs map[string]any }
			if err := yaml.Unmarshal([]byte(readPage(t, file)), &doc); err != nil || len(doc.Jobs) == 0 {
				t.Errorf("%s: no jobs (%v)", file, err)
			}
		}
	}
}
