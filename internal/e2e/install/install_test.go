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
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

func TestInstallUpdateUninstallInEveryShell(t *testing.T) {
	for _, words := range []string{"sh", "dash", "bash", "bash --posix", "busybox sh", "ksh", "mksh", "yash"} {
		t.Run(words, func(t *testing.T) {
			shell := strings.Fields(words)
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Skipf("no %s here", shell[0])
			}
			m := newMachine(t)
			m.shell = shell
			before := m.tree()

			m.install()
			if got, want := read(t, m.dir()+"/real-go"), realGo()+"\n"; got != want {
				t.Errorf("real-go has %q, want %q", got, want)
			}
			want, _ := m.run(realGo(), "version")
			if got, code := m.run(m.dir()+"/go", "version"); got != want || code != 0 {
				t.Errorf("go version: %q, exit %d; want %q", got, code, want)
			}

			first := m.tree()
			m.env["PATH"] = m.dir() + ":" + m.env["PATH"]
			if out := m.install(); !strings.Contains(out, "ready: go is "+m.dir()+"/go\n") {
				t.Errorf("the update does not say that it is ready:\n%s", out)
			}
			if got := m.tree(); got != first {
				t.Errorf("the update changed\n%s\nto\n%s", first, got)
			}

			if out, code := m.script("--uninstall"); code != 0 {
				t.Errorf("--uninstall: exit %d\n%s", code, out)
			}
			if got := m.tree(); got != before {
				t.Errorf("left behind:\n%s\nbefore:\n%s", got, before)
			}
		})
	}
}

// The build must not take notice of what a person set for their own work, and
// must not run through the gosteady that it is to replace.
func TestInstallBuildsOnAnOddMachine(t *testing.T) {
	modtest.Slow(t, "builds gosteady")
	m := newMachine(t)
	m.install()
	cache, _ := exec.Command(realGo(), "env", "GOCACHE", "GOMODCACHE").Output()
	dirs := strings.Fields(string(cache))
	for k, v := range map[string]string{
		"PATH": m.dir() + ":" + m.env["PATH"], "GOCACHE": dirs[0], "GOMODCACHE": dirs[1],
		"GOFLAGS": "-mod=vendor -tags=nothing -toolexec=/no/such", "GOTOOLCHAIN": "go1.21.0", "GOOS": "js", "GOARCH": "wasm",
		"GO111MODULE": "off", "GOWORK": "/no/such/go.work", "CGO_ENABLED": "1", "CC": "/no/such/cc", "GOEXPERIMENT": "nothing",
	} {
		m.env[k] = v
	}
	args := []string{}
	if out, err := exec.Command(m.dir()+"/gosteady", "demo", "--help").CombinedOutput(); err != nil {
		t.Logf("no demo: %s", out)
		args = append(args, "--no-demo")
	}
	out, code := m.script(args...)
	if code != 0 || !strings.Contains(out, "building with "+realGo()) {
		t.Errorf("exit %d\n%s", code, out)
	}
	out, _ = m.run(m.dir()+"/gosteady", "version")
	if _, err := os.Stat(".git"); err == nil && !regexp.MustCompile(`gosteady (v\d|devel-[0-9a-f]{7})`).MatchString(out) {
		t.Errorf("gosteady version says %q, not which commit it is", out)
	}
}

// In an image's build step there may be no HOME.
func TestInstallBuildsWithoutAHome(t *testing.T) {
	modtest.Slow(t, "builds gosteady, and all that it depends on")
	m := newMachine(t)
	modules, _ := exec.Command(realGo(), "env", "GOMODCACHE").Output()
	delete(m.env, "HOME")
	m.env["GOMODCACHE"] = strings.TrimSpace(string(modules))
	if out, code := m.script("--prefix", m.dir(), "--no-demo"); code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := m.script("--no-demo"); code != 1 || !strings.Contains(out, "name a directory with --prefix DIR, or use --system") {
		t.Errorf("without a directory: exit %d\n%s", code, out)
	}
}

func TestRename(t *testing.T) {
	m := newMachine(t)
	m.install()
	running, err := os.Open(m.dir() + "/go")
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	old, err := running.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m.install()
	now, err := os.Stat(m.dir() + "/go")
	if err != nil {
		t.Fatal(err)
	}
	if os.SameFile(old, now) {
		t.Error("the update wrote into the file that runs")
	}
	if got := now.Mode(); got != 0o755 {
		t.Errorf("mode %v, want 0755", got)
	}
}

// In a directory that people chose only what has our own form of name is ours.
func TestRemovesOnlyItsOwnLeftovers(t *testing.T) {
	m := newMachine(t)
	dir := m.home + "/tools"
	theirs := []string{
		".install.mine/file", ".install.12345/file", "other/.install.mine/file", "other/.gosteady-install.77/file",
		".gosteady-install.notes/file", ".gosteady-install.1.bak/file", ".gosteady-install./file", "link/file", ".gosteady-install.9",
	}
	stage := dir + "/.gosteady-install.4242"
	m.write("tools/.gosteady-install.4242/gosteady", "half of it")
	for _, name := range theirs {
		m.write("tools/"+name, "theirs")
	}
	if err := os.Symlink("link", dir+"/.gosteady-install.8"); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-72 * time.Hour)
	for _, name := range append(theirs, ".gosteady-install.4242/gosteady") {
		for _, name := range []string{dir + "/" + name, filepath.Dir(dir + "/" + name)} {
			if err := os.Chtimes(name, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(step string) {
		for _, name := range append(theirs, ".gosteady-install.8/file") {
			if _, err := os.Stat(dir + "/" + name); err != nil {
				t.Errorf("%s removed %s", step, name)
			}
		}
		if _, err := os.Stat(stage); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s left its own %s: %v", step, stage, err)
		}
	}
	m.install("--prefix", dir)
	check("an installation")
	m.write("tools/.gosteady-install.4242/gosteady", "half of it")
	m.script("--uninstall", "--prefix", dir)
	check("--uninstall")
}

func TestGitHubPath(t *testing.T) {
	m := newMachine(t)
	m.write("runner/path", "/opt/other\n")
	m.env["GITHUB_PATH"] = m.home + "/runner/path"
	m.install()
	m.install()
	if got, want := read(t, m.env["GITHUB_PATH"]), "/opt/other\n"+m.dir()+"\n"; got != want {
		t.Errorf("GITHUB_PATH has %q, want %q", got, want)
	}
	m.script("--uninstall")
	if got, want := read(t, m.env["GITHUB_PATH"]), "/opt/other\n"; got != want {
		t.Errorf("after --uninstall GITHUB_PATH has %q, want %q", got, want)
	}
}

func TestOddDirectoryNames(t *testing.T) {
	for _, name := range []string{"with space", `quote"d`, "dollar$HOME", "back`tick", "apostrophe's", "-dash", "trailing/"} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			dir := m.home + "/" + name
			m.install("--add-path", "--prefix", dir)
			dir = strings.TrimSuffix(dir, "/")
			out, _ := m.run("/bin/sh", "-c", `. "$HOME/.profile"; command -v go`)
			if out != dir+"/go\n" {
				t.Errorf("with the line that was added, go is %q, want %q", out, dir+"/go")
			}
			if out, code := m.script("--uninstall", "--prefix", dir); code != 0 {
				t.Errorf("--uninstall: %s", out)
			}
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s is still there: %v", dir, err)
			}
		})
	}
}

func TestAdvice(t *testing.T) {
	tests := []struct {
		name string
		set  func(m *machine)
		want string
	}{
		{"not in PATH", func(m *machine) {}, `    export PATH="DIR:$PATH"` + "\n"},
		{"fish", func(m *machine) { m.env["SHELL"] = "/usr/bin/fish" }, `    fish_add_path --path --prepend --move "DIR"` + "\n"},
		{"after the real go", func(m *machine) { m.env["PATH"] += ":" + m.dir() }, "DIR is in PATH, but after " + "GO"},
		{"golang image", func(m *machine) { m.env["GOLANG_VERSION"] = "1.26.8" }, `    ENV PATH="DIR:$PATH"` + "\n"},
		{"first in PATH", func(m *machine) { m.env["PATH"] = m.dir() + ":" + m.env["PATH"] }, "ready: go is DIR/go\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := newMachine(t)
			tt.set(m)
			want := strings.NewReplacer("DIR", m.dir(), "GO", realGo()).Replace(tt.want)
			if out := m.install(); !strings.Contains(out, want) {
				t.Errorf("got\n%s\nwant in it: %s", out, want)
			}
		})
	}
}

func TestWithoutAGoInPath(t *testing.T) {
	m := newMachine(t)
	m.env["PATH"] = "/usr/bin:/bin"
	m.env["GOSTEADY_GO"] = realGo()
	m.install()
	delete(m.env, "GOSTEADY_GO")
	// The update finds the recorded one, and so does the installed go.
	m.install()
	if got, want := read(t, m.dir()+"/real-go"), realGo()+"\n"; got != want {
		t.Errorf("real-go has %q, want %q", got, want)
	}
	if out, code := m.run(m.dir()+"/go", "version"); code != 0 {
		t.Errorf("go version: exit %d\n%s", code, out)
	}
}

func TestSum(t *testing.T) {
	file := built()
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(read(t, file))))
	m := newMachine(t)
	m.install("--sha256", strings.ToUpper(sum))
	m = newMachine(t)
	wrong := strings.Repeat("0", 64)
	out, code := m.script("--binary", file, "--sha256", wrong)
	if code != 1 || !strings.Contains(out, "has SHA-256 "+sum+", not "+wrong) {
		t.Errorf("exit %d\n%s", code, out)
	}
	if _, err := os.Stat(m.dir()); err == nil {
		t.Error("left its directory behind")
	}
}

// An installation that fails leaves no directory that was not there before.
func TestFailureLeavesNoDirectory(t *testing.T) {
	m := newMachine(t)
	before := m.tree()
	for _, place := range []string{m.dir(), m.home + "/a/b/c", m.home + "/opt/gosteady/shims"} {
		out, code := m.script("--prefix", place, "--binary", built(), "--sha256", strings.Repeat("0", 64))
		if code != 1 || !strings.Contains(out, "nothing was installed") {
			t.Errorf("exit %d\n%s", code, out)
		}
		if got := m.tree(); got != before {
			t.Errorf("%s: left\n%s\nwas\n%s", place, got, before)
		}
	}
}

// Removing from where nothing is says so. Without a directory all that was recorded
// goes, wherever it is.
func TestUninstallElsewhere(t *testing.T) {
	m := newMachine(t)
	one := m.home + "/tools/go steady"
	m.install("--prefix", one, "--add-path")
	before := m.tree()
	out, code := m.script("--uninstall", "--prefix", m.home+"/tools/other")
	if code != 0 || strings.Contains(out, "removed from") || !strings.Contains(out, "nothing to remove: gosteady is not installed in "+m.home+"/tools/other") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := m.tree(); got != before {
		t.Errorf("changed\n%s\nwas\n%s", got, before)
	}
	if out, code := m.script("--uninstall"); code != 0 || !strings.Contains(out, "removed from "+one) || !strings.Contains(out, "removed from "+m.home+"/.profile") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := m.script("--uninstall"); code != 0 || !strings.Contains(out, "nothing to remove") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// What --dry-run says is what is done then, and nothing is done yet.
func TestUninstallDryRun(t *testing.T) {
	m := newMachine(t)
	m.write("runner/path", "/opt/other\n")
	m.env["GITHUB_PATH"] = m.home + "/runner/path"
	m.install("--add-path")
	m.write(".config/gosteady/trusted", "")
	before := m.tree()
	actions := func(args ...string) string {
		var list []string
		for line := range strings.Lines(m.gosteady(append([]string{"uninstall", "--json"}, args...)...)) {
			if strings.HasPrefix(line, "{") {
				list = append(list, line)
			}
		}
		return strings.Join(list, "")
	}
	said := actions("--dry-run")
	if got := m.tree(); got != before {
		t.Errorf("--dry-run changed\n%s\nto\n%s", before, got)
	}
	for _, path := range []string{m.dir(), m.home + "/.profile", m.env["GITHUB_PATH"], m.home + "/.config/gosteady/trusted"} {
		if !strings.Contains(said, `"`+path+`"`) {
			t.Errorf("%s is not in\n%s", path, said)
		}
	}
	if done := actions(); done != said {
		t.Errorf("done was\n%s\nsaid was\n%s", done, said)
	}
}

func TestRefusals(t *testing.T) {
	file := built()
	m := newMachine(t)
	m.write("fake/pkg/tool/linux_amd64/compile", "")
	m.write("own/go", "#!/bin/sh\n")
	m.write("dir/go/VERSION", "go1.26.8")
	m.write("text", "not a binary")
	fake := m.home + "/fake/bin"
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"the toolchain", []string{"--prefix", filepath.Dir(realGo())}, 1, "is inside the GOROOT " + modtest.GOROOT()},
		{"bin beside pkg/tool", []string{"--prefix", fake}, 1, "is inside the GOROOT " + filepath.Dir(fake)},
		{"below a GOROOT", []string{"--prefix", fake + "/a/b"}, 1, "is inside the GOROOT"},
		{"over a go", []string{"--prefix", m.home + "/own"}, 1, "own/go is there and is not gosteady"},
		{"over a directory", []string{"--prefix", m.home + "/dir"}, 1, "dir/go is there and is not gosteady"},
		{"colon", []string{"--prefix", m.home + "/a:b"}, 1, "cannot be an entry of PATH"},
		{"newline", []string{"--prefix", m.home + "/a\nb"}, 1, "cannot be an entry of PATH"},
		{"no directory", []string{"--prefix", "/dev/null/x"}, 1, "cannot create /dev/null/x"},
		{"not gosteady", []string{"--binary", m.home + "/text"}, 1, "text is not gosteady"},
		{"no file", []string{"--binary", m.home + "/nothing"}, 1, "there is no such file"},
		{"sum alone", []string{"--sha256", "00"}, 2, "--sha256 goes with --binary"},
		{"unknown option", []string{"--frobnicate"}, 2, "unknown option --frobnicate; try ./install.sh --help"},
		{"no value", []string{"--prefix"}, 2, "--prefix needs a value"},
		{"empty value", []string{"--prefix", ""}, 2, "--prefix needs a directory"},
		{"uninstall a go", []string{"--uninstall", "--prefix", filepath.Dir(realGo())}, 1, "is not gosteady; nothing was removed"},
	}
	before := m.tree()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m.t = t
			args := tt.args
			if args[0] == "--prefix" && len(args) > 1 {
				args = append(args, "--binary", file, "--no-demo")
			}
			out, code := m.script(args...)
			if code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("exit %d, want %d\n%s\nwant in it: %s", code, tt.code, out, tt.want)
			}
		})
	}
	m.t = t
	m.script("--uninstall")
	if got := m.tree(); got != before {
		t.Errorf("a refusal left\n%s\nbefore:\n%s", got, before)
	}
}

func TestRefusesAWrongGO(t *testing.T) {
	m := newMachine(t)
	m.env["GOSTEADY_GO"] = m.home + "/no-go"
	file := built()
	out, code := m.script("--binary", file)
	if code != 1 || !strings.Contains(out, "unset it or correct it") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestHelp(t *testing.T) {
	m := newMachine(t)
	out, code := m.script("--help")
	for _, option := range []string{"--prefix", "--system", "--binary", "--sha256", "--add-path", "--no-demo", "--uninstall"} {
		if code != 0 || !strings.Contains(out, option) {
			t.Errorf("--help: exit %d, and no %s in\n%s", code, option, out)
		}
	}
}
