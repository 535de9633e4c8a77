package steadytest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/here"
)

// A Machine is a made-up one for the doctor to look at.
type Machine struct {
	here.Place
	Root string // all files lie below it
	t    *testing.T
}

// NewMachine has a GOROOT, gosteady before it in PATH, git, a shell, and one
// module proxy; extra are further variables.
func NewMachine(t *testing.T, proxy http.Handler, extra ...string) *Machine {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the made-up programs are shell scripts")
	}
	root := t.TempDir()
	m := &Machine{t: t, Root: root}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	m.Script("goroot/bin/go", "exit 1")
	m.Script("steady/go", "exit 1")
	m.Script("steady/gosteady", "exit 1")
	m.Script("bin/git", "echo git version 9.9")
	m.Script("bin/sh", "echo welcome; echo "+filepath.Join(root, "steady/go"))
	m.File("goroot/VERSION", "go1.99\n")
	m.File("goroot/go.env", "GOSUMDB=off\n")
	m.File("goroot/pkg/tool/x", "")
	m.File("home/go/pkg/mod/some/file", "12345")
	m.File("src/go.mod", "module m\n\ngo 1.21\n")
	env := []string{
		"HOME=" + filepath.Join(root, "home"), "SHELL=" + filepath.Join(root, "bin/sh"),
		"PATH=" + strings.Join([]string{filepath.Join(root, "steady"), filepath.Join(root, "goroot/bin"), filepath.Join(root, "bin"), "/usr/bin", "/bin"}, ":"),
		"GOSTEADY_GO=" + filepath.Join(root, "goroot/bin/go"), "GOPROXY=" + server.URL,
	}
	m.Place = here.Place{Dir: filepath.Join(root, "src"), Env: append(env, extra...)}
	return m
}

// File writes a file below the root.
func (m *Machine) File(name, content string) {
	m.t.Helper()
	name = filepath.Join(m.Root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		m.t.Fatal(err)
	}
}

// Script writes a program of the shell.
func (m *Machine) Script(name, body string) {
	m.t.Helper()
	m.File(name, "#!/bin/sh\n"+body+"\n")
	if err := os.Chmod(filepath.Join(m.Root, name), 0o777); err != nil {
		m.t.Fatal(err)
	}
}

// Lists is a module proxy that the doctor finds well.
func Lists(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/golang.org/x/mod/@v/list") {
		_, _ = w.Write([]byte("v0.1.0\n"))
		return
	}
	http.NotFound(w, r)
}
