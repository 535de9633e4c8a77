//go:build unix

package install

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

// What a kill at one step leaves, made by hand.
func TestHalfInstalled(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	before := programs(t, root)
	m.env["GOSTEADY_GO"] = ""
	for step, do := range map[string]func(){
		"kept": func() { link(t, root+"/bin/go", root+"/bin/go.real") },
		"staged": func() {
			link(t, root+"/bin/go", root+"/bin/go.real")
			m.write("sdk/go/bin/.gosteady-install.4242/go", "half")
		},
		"done": func() { m.gosteady("install", "--goroot", root, "--no-demo") },
	} {
		do()
		if out, code := m.run(root+"/bin/go", "version"); code != 0 {
			t.Errorf("%s: exit %d\n%s", step, code, out)
		}
		m.gosteady("install", "--goroot", root, "--no-demo")
		m.gosteady("uninstall", "--goroot", root)
		if got := programs(t, root); got != before {
			t.Errorf("%s: bin has\n%s\nwant\n%s", step, got, before)
		}
	}
}

func link(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Link(from, to); err != nil {
		t.Fatal(err)
	}
}

// Installing and uninstalling, killed at any moment, leave a go that works, and one
// uninstallation takes all of it away.
func TestKilledAtAnyMoment(t *testing.T) {
	rounds := 8
	if os.Getenv("GOSTEADY_TEST_SLOW") != "" {
		rounds = 40
	}
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	m.write(".profile", "# theirs\n")
	before, goroot := m.tree(), programs(t, root)
	install := []string{"install", "--goroot", root, "--prefix", m.home + "/tools/shims", "--add-path", "--no-demo"}
	began := time.Now()
	m.gosteady(install...)
	whole := time.Since(began)
	began = time.Now()
	m.gosteady("uninstall")
	undone := time.Since(began)
	for range rounds {
		// The second half of an installation tries it out.
		killed := m.killed(rand.N(whole/2+1), install...)
		m.goWorks(root, killed)
		killed += ", " + m.killed(rand.N(undone+1), "uninstall")
		m.goWorks(root, killed)
		if rand.N(2) == 0 {
			m.gosteady(install...)
		}
		m.gosteady("uninstall")
		if got := programs(t, root); got != goroot {
			t.Fatalf("%s: bin has\n%s\nwant\n%s", killed, got, goroot)
		}
		if err := os.RemoveAll(m.home + "/state"); err != nil { // a draft of the record may be left in it
			t.Fatal(err)
		}
		if got := m.tree(); got != before {
			t.Fatalf("%s: left\n%s\nwant\n%s", killed, got, before)
		}
	}
}

// killed runs the program and kills it after some time; it returns what was done.
func (m *machine) killed(after time.Duration, args ...string) string {
	m.t.Helper()
	cmd := exec.Command(built(), args...)
	for k, v := range m.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended
	defer timer.Stop()
	_ = cmd.Wait() // that it was killed
	return args[0] + " killed after " + after.String()
}

func (m *machine) goWorks(root, when string) {
	m.t.Helper()
	if out, code := m.run(root+"/bin/go", "version"); code != 0 {
		m.t.Fatalf("%s: go version: exit %d\n%s", when, code, out)
	}
}

// Two installations at once do not take each other's gosteady for the toolchain's go.
func TestInstalledTwiceAtOnce(t *testing.T) {
	m := newMachine(t)
	root := m.toolchain("sdk/go")
	before := programs(t, root)
	for range 4 {
		var both [3]*exec.Cmd
		for i := range both {
			both[i] = exec.Command(built(), "install", "--goroot", root, "--no-demo")
			for k, v := range m.env {
				both[i].Env = append(both[i].Env, k+"="+v)
			}
			if err := both[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		for _, cmd := range both {
			var exit *exec.ExitError
			if err := cmd.Wait(); err != nil && !errors.As(err, &exit) { // the later ones may be refused
				t.Fatal(err)
			}
		}
		m.goWorks(root, "after several at once")
		m.gosteady("uninstall", "--goroot", root)
		if got := programs(t, root); got != before {
			t.Fatalf("bin has\n%s\nwant\n%s", got, before)
		}
	}
}

// An installation of the older install.sh, which recorded nothing and whose program
// knows no uninstall.
func TestUninstallOfAnOldInstallation(t *testing.T) {
	for _, place := range []string{".local/share/gosteady/shims", "tools/gosteady"} {
		m := newMachine(t)
		m.write("tools/keep", "theirs")
		m.write(".profile", "# theirs\n")
		before := m.tree()
		dir := m.home + "/" + place
		m.write("old/go.mod", "module github.com/gosteady/gosteady\n\ngo 1.24\n")
		m.write("old/main.go", "package main\n\nimport \"os\"\n\nfunc main() { println(`unknown command`); os.Exit(1) }\n")
		if out, code := m.run("/bin/sh", "-c", `cd "$0" && GOCACHE="$1" go build -o "$2/gosteady" && cp "$2/gosteady" "$2/go"`, m.home+"/old", modtest.GOCACHE(), dir); code != 0 {
			t.Fatal(out)
		}
		m.write(place+"/real-go", realGo()+"\n")
		m.write(".profile", "# theirs\nexport PATH=\""+dir+":$PATH\" # added by gosteady\n")
		m.write(".local/state/gosteady/journal.jsonl", "")
		if err := os.RemoveAll(m.home + "/old"); err != nil {
			t.Fatal(err)
		}
		m.env["GOSTEADY_STATE"] = m.home + "/.local/state/gosteady"
		m.env["PATH"] = dir + ":" + m.env["PATH"]
		out, code := m.script("--uninstall", "--binary", built())
		if code != 0 || !strings.Contains(out, "removed from "+dir) {
			t.Errorf("exit %d\n%s", code, out)
		}
		if err := os.RemoveAll(m.home + "/.local/state"); err != nil { // it was named, so that it stays
			t.Fatal(err)
		}
		_ = os.Remove(m.home + "/.local")
		if got := m.tree(); got != before {
			t.Errorf("left\n%s\nwant\n%s", got, before)
		}
		if _, err := os.Lstat(filepath.Dir(dir)); place != "tools/gosteady" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there", filepath.Dir(dir))
		}
	}
}
