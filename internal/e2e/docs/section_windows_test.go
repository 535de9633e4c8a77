package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/windows/registry"

	"github.com/gosteady/gosteady/internal/modtest"
)

// The commands of the section on Windows, in cmd.exe, line by line; and what the text
// around them says of new terminals.
func TestWindowsSection(t *testing.T) {
	if !modtest.OwnMachine() {
		t.Skip("changes the user's Path; runs under Wine and on hosted machines")
	}
	checkout, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("docs", "start.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "\n```bat\n")
	block, _, _ = strings.Cut(block, "```")
	commands := strings.Split(strings.TrimSpace(block), "\n")
	if len(commands) != 2 {
		t.Fatalf("the section has other commands: %q", commands)
	}
	cache, err := exec.Command(realGo(), "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env := modtest.Env(t, "GOMODCACHE="+strings.TrimSpace(string(cache)), "CGO_ENABLED=0", "GOSTEADY_STATE="+filepath.Join(dir, "state"))
	before := userPath(t)
	t.Cleanup(func() {
		got := modtest.Run(t, dir, env, filepath.Join(dir, "gosteady.exe"), "uninstall")
		if after := userPath(t); after != before {
			t.Errorf("the user's Path was %q, and is %q after uninstall: %+v", before, after, got)
		}
	})
	for _, command := range commands {
		// Built in the checkout, to a place that is not in it.
		command = strings.Replace(command, "gosteady.exe", filepath.Join(dir, "gosteady.exe"), 1)
		out := cmdLine(t, checkout, env, command)
		t.Logf("%s\n%s", command, out)
	}
	shims, rest, _ := strings.Cut(userPath(t), ";")
	if rest != before || !strings.HasSuffix(strings.ToLower(shims), `\gosteady\shims`) {
		t.Errorf("the user's Path is %q, was %q", userPath(t), before)
	}
	// A new terminal, whose Path has the user's entries where no other go is before them.
	env = append(env, "Path="+shims+";"+modtest.Getenv(env, "Path"))
	if out := cmdLine(t, dir, env, "go steady version"); !strings.Contains(out, "gosteady") {
		t.Errorf("go steady version: %s", out)
	}
	if out := cmdLine(t, dir, env, "go version"); !strings.HasPrefix(out, "go version go1") {
		t.Errorf("go version: %s", out)
	}
	if out := cmdLine(t, dir, env, "gosteady which"); !strings.Contains(out, realGo()) {
		t.Errorf("gosteady which: %s; want %s", out, realGo())
	}
	if out := cmdLine(t, dir, env, "where go"); out == "" && modtest.UnderWine() {
		t.Log("Wine's where finds nothing")
	} else if first, _, _ := strings.Cut(out, "\r\n"); !strings.EqualFold(first, filepath.Join(shims, "go.exe")) {
		t.Errorf("where go: %s", out)
	}
}

// cmdLine is the output of a line of cmd.exe, which has to succeed.
func cmdLine(t *testing.T, dir string, env []string, line string) string {
	t.Helper()
	batch := filepath.Join(t.TempDir(), "line.cmd")
	if err := os.WriteFile(batch, []byte("@"+line+"\r\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	got := modtest.Run(t, dir, env, "cmd.exe", "/c", batch)
	if got.Code != 0 {
		t.Fatalf("%s: %+v", line, got)
	}
	return got.Stdout
}

// userPath is the user's Path as the registry has it, "" for none.
func userPath(t *testing.T) string {
	t.Helper()
	key, err := registry.OpenKey(registry.CURRENT_USER, "Environment", registry.QUERY_VALUE)
	if err != nil {
		t.Fatal(err)
	}
	defer key.Close()
	text, _, err := key.GetStringValue("Path")
	if err != nil && err != registry.ErrNotExist {
		t.Fatal(err)
	}
	return text
}
