//go:build unix

package install

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// toolchain is a GOROOT of its own with the real programs; what is never written is
// linked to the real tree.
func (m *machine) toolchain(name string) string {
	m.t.Helper()
	root := filepath.Join(m.home, name)
	entries, err := os.ReadDir(modtest.GOROOT())
	if err != nil {
		m.t.Fatal(err)
	}
	if err := os.MkdirAll(root, 0o777); err != nil {
		m.t.Fatal(err)
	}
	for _, e := range entries {
		from, to := filepath.Join(modtest.GOROOT(), e.Name()), filepath.Join(root, e.Name())
		if e.Name() == "bin" {
			err = os.CopyFS(to, os.DirFS(from))
		} else {
			err = os.Symlink(from, to)
		}
		if err != nil {
			m.t.Fatal(err)
		}
	}
	return root
}

// programs lists a GOROOT's bin: names, modes and content.
func programs(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	entries, err := os.ReadDir(filepath.Join(root, "bin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(root, "bin", e.Name()))
		fmt.Fprintf(&b, "%s %v %x %v\n", e.Name(), fi.Mode(), sha256.Sum256(data), err)
	}
	return b.String()
}

// gosteady runs the built program, which must succeed.
func (m *machine) gosteady(args ...string) string {
	m.t.Helper()
	out, code := m.run(built(), args...)
	if code != 0 {
		m.t.Fatalf("gosteady %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// succeeds runs any command, which must succeed.
func (m *machine) succeeds(name string, args ...string) string {
	m.t.Helper()
	out, code := m.run(name, args...)
	if code != 0 {
		m.t.Fatalf("%s %s: exit %d\n%s", name, strings.Join(args, " "), code, out)
	}
	return out
}

func TestInPlaceAndBack(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	before, home := programs(t, root), m.tree()
	out := m.gosteady("install", "--goroot", root, "--no-demo")
	if want := "installed in place: " + root + "/bin/go; its own go is " + root + "/bin/go.real\n"; !strings.Contains(out, want) {
		t.Errorf("got\n%s\nwant in it: %s", out, want)
	}
	m.env["PATH"] = "/usr/bin:/bin" // no go in PATH
	m.env["GOCACHE"] = modtest.GOCACHE()
	for _, line := range []string{"version", "env GOROOT GOVERSION GOTOOLDIR", "tool -n compile", "help build", "no-such-command", "list -f {{.Dir}} fmt"} {
		args := strings.Fields(line)
		want, wantCode := m.run(root+"/bin/go.real", args...)
		if got, code := m.run(root+"/bin/go", args...); got != want || code != wantCode {
			t.Errorf("go %s: exit %d\n%s\nwant exit %d\n%s", line, code, got, wantCode, want)
		}
	}
	if out := m.gosteady("install", "--goroot", root, "--no-demo"); !strings.Contains(out, "installed in place") {
		t.Errorf("the update says\n%s", out)
	}
	if out, code := m.run(root+"/bin/go", "steady", "which"); code != 0 || !strings.HasPrefix(out, root+"/bin/go.real\n\tbeside gosteady") {
		t.Errorf("which: exit %d\n%s", code, out)
	}
	if out := m.gosteady("uninstall"); !strings.Contains(out, "restored "+root+"/bin/go\n") {
		t.Errorf("uninstall says\n%s", out)
	}
	if got := programs(t, root); got != before {
		t.Errorf("after all bin has\n%s\nwant\n%s", got, before)
	}
	os.RemoveAll(m.env["GOSTEADY_STATE"]) // which a user named, and "go list" has put a stamp into
	if got := m.tree(); got != home {
		t.Errorf("left behind\n%s\nbefore\n%s", got, home)
	}
}

// Two layers do not run each other: shims in PATH, and ours in the GOROOT behind them.
func TestShimsBeforeInPlace(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.env["PATH"] = root + "/bin:/usr/bin:/bin"
	m.gosteady("install", "--goroot", root, "--no-demo")
	m.gosteady("install", "--no-demo")
	m.env["PATH"] = m.dir() + ":" + m.env["PATH"]
	for _, named := range []string{"", root + "/bin/go"} {
		m.env["GOSTEADY_GO"] = named
		var which struct{ Go, Why, Goroot string }
		out, _ := m.run(m.dir()+"/gosteady", "which", "--json")
		if err := json.Unmarshal([]byte(out), &which); err != nil || which.Go != root+"/bin/go.real" || which.Goroot != root {
			t.Errorf("GOSTEADY_GO=%s: %s, %v", named, out, err)
		}
		if out, code := m.run(m.dir()+"/go", "env", "GOROOT"); code != 0 || out != root+"\n" {
			t.Errorf("GOSTEADY_GO=%s: exit %d, %q", named, code, out)
		}
	}
	m.env["GOSTEADY_GO"] = ""
	if got := read(t, m.dir()+"/real-go"); got != root+"/bin/go.real\n" {
		t.Errorf("recorded %q", got)
	}
	// One uninstallation for all.
	m.gosteady("uninstall")
	if _, err := os.Stat(m.dir()); err == nil || strings.Contains(programs(t, root), "go.real") {
		t.Error("something was left")
	}
}

func TestUpgradeOfGo(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.env["PATH"] = root + "/bin:/usr/bin:/bin"
	before := programs(t, root)
	upgrade := func() {
		data := read(t, realGo())
		if err := os.WriteFile(root+"/bin/new", []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(root+"/bin/new", root+"/bin/go"); err != nil {
			t.Fatal(err)
		}
	}
	m.gosteady("install", "--goroot", root, "--no-demo")
	upgrade()
	if out, _ := m.run(built(), "doctor"); !strings.Contains(out, "an upgrade of Go has replaced gosteady in "+root) || !strings.Contains(out, "gosteady install --goroot "+root) {
		t.Errorf("doctor says\n%s", out)
	}
	m.gosteady("install", "--goroot", root, "--no-demo")
	if out, _ := m.run(built(), "doctor"); !strings.Contains(out, "gosteady stands in place in "+root) {
		t.Errorf("doctor says\n%s", out)
	}
	upgrade()
	if out := m.gosteady("uninstall"); !strings.Contains(out, "removed "+root+"/bin/go.real, as "+root+"/bin/go is the toolchain's own\n") {
		t.Errorf("uninstall says\n%s", out)
	}
	if got := programs(t, root); got != before {
		t.Errorf("bin has\n%s\nwant\n%s", got, before)
	}
}

func TestGoRealIsMissingOrForeign(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.gosteady("install", "--goroot", root, "--no-demo")
	if err := os.Remove(root + "/bin/go.real"); err != nil {
		t.Fatal(err)
	}
	out, code := m.run(root+"/bin/go", "version")
	if want := "gosteady: " + root + "/bin/go.real, the toolchain's own go, is missing or cannot be run; install Go there anew\n"; code != 127 || out != want {
		t.Errorf("exit %d, %q, want %q", code, out, want)
	}
	if out, code := m.run(built(), "uninstall"); code != 1 || !strings.Contains(out, "install Go there anew") {
		t.Errorf("uninstall: exit %d\n%s", code, out)
	}
	// Somebody put a copy of gosteady there.
	data := read(t, root+"/bin/go")
	if err := os.WriteFile(root+"/bin/go.real", []byte(data), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, code := m.run(root+"/bin/go", "version"); code != 126 || !strings.Contains(out, "go.real") {
		t.Errorf("exit %d\n%s", code, out)
	}
	m.env["PATH"] = root + "/bin:/usr/bin:/bin"
	if out, _ := m.run(built(), "doctor"); !strings.Contains(out, "go.real is no go command but github.com/gosteady/gosteady") {
		t.Errorf("doctor says\n%s", out)
	}
	if out, code := m.run(built(), "install", "--goroot", root); code != 1 || !strings.Contains(out, "go.real is no go command but github.com/gosteady/gosteady") {
		t.Errorf("install: exit %d\n%s", code, out)
	}
}

func TestInPlaceRefusals(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.write("sdk/taken", "")
	cached := m.toolchain("mod/golang.org/toolchain@v0.0.1-go1.99.0.linux-amd64")
	foreign := m.toolchain("foreign")
	m.write("foreign/bin/go.real", "theirs")
	fake := m.home + "/fakebin"
	m.write("fakebin/dpkg-query", "#!/bin/sh\ncase $2 in */owned/*) echo golang-go: $2;; *) exit 1;; esac\n")
	if err := os.Chmod(fake+"/dpkg-query", 0o755); err != nil {
		t.Fatal(err)
	}
	owned, brew := m.toolchain("owned"), m.toolchain("Cellar/go/1.26")
	m.env["PATH"] = fake + ":" + m.env["PATH"]
	before := m.tree()
	for dir, want := range map[string]string{
		m.home + "/sdk": "is no Go toolchain: it has no pkg/tool",
		m.home + "/no":  "no such file or directory",
		cached:          "lies in the module cache",
		foreign:         "go.real is no go command",
		owned:           "belongs to the package golang-go (dpkg); use shims",
		brew:            "belongs to Homebrew; use shims",
	} {
		// A good one beside it is not touched either.
		if out, code := m.run(built(), "install", "--goroot", root, "--goroot", dir); code != 1 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d\n%s\nwant in it: %s", dir, code, out, want)
		}
	}
	if got := m.tree(); got != before {
		t.Errorf("a refusal left\n%s\nbefore\n%s", got, before)
	}
	if out := m.gosteady("install", "--goroot", brew, "--force", "--no-demo"); !strings.Contains(out, "installed in place") {
		t.Errorf("with --force: %s", out)
	}
}

// --all takes what setup-go and golang.org/dl have put there, and says what it leaves alone.
func TestAllToolchains(t *testing.T) {
	m := newMachine(t)
	tool, sdk, path := m.toolchain("tools/go/1.26.8/x64"), m.toolchain("sdk/go1.25"), m.toolchain("Cellar/go/1.26")
	m.env["RUNNER_TOOL_CACHE"] = m.home + "/tools"
	m.env["PATH"] = path + "/bin:/usr/bin:/bin"
	out := m.gosteady("install", "--all", "--dry-run", "--json")
	var kinds = make(map[string]string)
	for line := range strings.Lines(out) {
		var a struct{ Action, Path string }
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		kinds[a.Path] = a.Action
	}
	for root, want := range map[string]string{tool: "install", sdk: "install", path: "skip"} {
		if kinds[root] != want {
			t.Errorf("%s: %q, want %s, of\n%s", root, kinds[root], want, out)
		}
	}
	if strings.Contains(programs(t, tool), "go.real") {
		t.Error("--dry-run installed")
	}
}

// A record that another user wrote tells root nothing.
func TestRecordOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be somebody whom a record could mislead")
	}
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.gosteady("install", "--goroot", root, "--no-demo")
	record := m.home + "/state/installs.json"
	if !strings.Contains(read(t, record), root) {
		t.Fatalf("no record of it: %s", read(t, record))
	}
	if err := syscall.Chown(record, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if out := m.gosteady("uninstall"); strings.Contains(out, "restored") {
		t.Errorf("believed it:\n%s", out)
	}
	if !strings.Contains(programs(t, root), "go.real") {
		t.Error("went by it")
	}
}

// A GOROOT whose programs are links, as some packages have it.
func TestInPlaceWhereGoIsALink(t *testing.T) {
	m := newMachine(t)
	root, behind := m.toolchain("sdk/go"), m.toolchain("lib/go")
	if err := os.Remove(root + "/bin/go"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../../lib/go/bin/go", root+"/bin/go"); err != nil {
		t.Fatal(err)
	}
	m.gosteady("install", "--goroot", root, "--no-demo")
	if out, code := m.run(root+"/bin/go", "env", "GOROOT"); code != 0 || out != behind+"\n" {
		t.Errorf("exit %d, %q: cmd/go goes by where the link leads", code, out)
	}
	m.gosteady("uninstall")
	if to, err := os.Readlink(root + "/bin/go"); err != nil || to != "../../../lib/go/bin/go" {
		t.Errorf("the link is %q, %v", to, err)
	}
	if fi, err := os.Lstat(behind + "/bin/go"); err != nil || fi.Mode()&fs.ModeSymlink != 0 || !bytes.Equal([]byte(read(t, behind+"/bin/go")), []byte(read(t, realGo()))) {
		t.Error("what the link leads to was changed")
	}
}

// Root runs no program that somebody else has put into a usual place.
func TestRootRunsNothingOfOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be somebody who could be misled")
	}
	m := newMachine(t)
	m.install()
	for _, name := range []string{"/go", "/gosteady"} {
		if err := syscall.Chown(m.dir()+name, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	before := m.tree()
	if out, _ := m.script("--uninstall"); !strings.Contains(out, "nothing to remove") || m.tree() != before {
		t.Errorf("it says\n%s", out)
	}
	if out, code := m.script("--uninstall", "--prefix", m.dir()); code != 0 || !strings.Contains(out, "removed from "+m.dir()) {
		t.Errorf("where root names it: exit %d\n%s", code, out)
	}
}
