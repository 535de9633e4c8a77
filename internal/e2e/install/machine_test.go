//go:build unix

package install

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A machine is a home and an environment for runs of install.sh.
type machine struct {
	t     *testing.T
	home  string
	env   map[string]string
	shell []string // the shell that runs install.sh
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, home: filepath.Join(t.TempDir(), "home"), shell: []string{"/bin/sh"}}
	// With telemetry off the toolchain leaves nothing in the home that the
	// tests look through.
	m.write(".config/go/telemetry/mode", "off 2024-01-01")
	m.env = map[string]string{
		"HOME": m.home, "PATH": filepath.Dir(realGo()) + ":/usr/bin:/bin",
		"SHELL": "/bin/sh", "GOTOOLCHAIN": "local", "GOENV": "off",
		// Not the machine's own record, which is root's.
		"GOSTEADY_STATE": m.home + "/state",
	}
	return m
}

func (m *machine) dir() string { return filepath.Join(m.home, ".local/share/gosteady/shims") }

func (m *machine) write(name, text string) {
	m.t.Helper()
	file := filepath.Join(m.home, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(text), 0o666)); err != nil {
		m.t.Fatal(err)
	}
}

// run executes a command on the machine and returns what it printed.
func (m *machine) run(name string, args ...string) (string, int) {
	m.t.Helper()
	cmd := exec.Command(name, args...)
	for k, v := range m.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.t.Fatalf("%s: %v", name, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// script runs install.sh as it is.
func (m *machine) script(args ...string) (string, int) {
	m.t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		m.t.Fatal(err)
	}
	script := filepath.Join(wd, "install.sh")
	if _, err := os.Stat(script); err != nil { // also for the cache of "go test"
		m.t.Fatal(err)
	}
	words := append(append([]string{}, m.shell...), script)
	return m.run(words[0], append(words[1:], args...)...)
}

// install runs install.sh with the built binary and wants it to succeed.
func (m *machine) install(args ...string) string {
	m.t.Helper()
	file := built()
	out, code := m.script(append([]string{"--binary", file, "--no-demo"}, args...)...)
	if code != 0 {
		m.t.Fatalf("install.sh: exit %d\n%s", code, out)
	}
	return out
}

// tree lists every file below the home with its content.
func (m *machine) tree() string {
	m.t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(m.home, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "telemetry":
			return filepath.SkipDir
		}
		fmt.Fprintf(&b, "%s %s", d.Type(), path)
		if d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			fmt.Fprintf(&b, " %x %v", sha256.Sum256(data), err)
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return b.String()
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
