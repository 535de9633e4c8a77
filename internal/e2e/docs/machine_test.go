//go:build unix

package docs

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// A docMachine is what the docs suppose: a home, git, a module that needs others,
// its build log, and a module proxy with a checksum database. What lies outside the
// home lies below root.
type docMachine struct {
	t         *testing.T
	root, dir string
	env       []string
}

// newDocMachine makes one for a script. Where the script installs gosteady it is
// not there before, and where it uses this repository it starts in a copy.
func newDocMachine(t *testing.T, src, page, script string) *docMachine {
	t.Helper()
	root := t.TempDir()
	proxy, gosumdb, sums := docProxy(t)
	m := &docMachine{t: t, root: root, dir: filepath.Join(root, "home/src/app")}
	m.env = append(modtest.Environ(root, modtest.GOCACHE()),
		"PATH="+strings.Join([]string{bin, filepath.Dir(realGo()), filepath.Join(root, "stubs"), "/usr/local/bin:/usr/bin:/bin"}, ":"),
		"GOENV=", "XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "SHELL=/bin/sh", "TMPDIR="+filepath.Join(root, "tmp"),
		"GOPROXY="+proxy, "GOSUMDB="+gosumdb, "ROOT="+root, "BIN="+bin, "REALBIN="+filepath.Dir(realGo()), "PAUSE=0",
		"GITHUB_PATH="+filepath.Join(root, "github_path"), "GOSTEADY_RETRY_WAITS=20ms,50ms")
	m.writeAll(src, sums)
	if installs(script) {
		m.env = append(m.env, "PATH="+strings.Join([]string{filepath.Dir(realGo()), filepath.Join(root, "stubs"), "/usr/bin:/bin"}, ":"))
	}
	if builds(script) { // of many modules, extracted and compiled once
		m.env = append(m.env, "GOMODCACHE="+filepath.Join(filepath.Dir(src), "modcache"), "GOFLAGS=-modcacherw -trimpath")
	}
	for _, at := range places {
		if at.used.MatchString(script) {
			place := filepath.Join(root, at.place)
			m.shell("mkdir -p " + place + " && cp -R " + src + "/. " + place)
			if at.begin {
				m.dir = place
			}
		}
	}
	return m
}

func installs(script string) bool { return strings.Contains(script, "install.sh") }

// builds reports whether a script builds a program of this repository.
func builds(script string) bool { return installs(script) || strings.Contains(script, "/flaky") }

// places are where the docs suppose a checkout of this repository, and whether they
// begin in it.
var places = []struct {
	used  *regexp.Regexp
	place string
	begin bool
}{
	{regexp.MustCompile(`(?m)^\./install\.sh|^/tmp/flaky |/tmp/flaky examples/`), "checkout", true},
	{regexp.MustCompile(`(?m)^\.gosteady/`), "home/src/app/.gosteady", false},
	{regexp.MustCompile(`(?m)^cp -R gosteady `), "home/src/app/gosteady", false},
}

func (m *docMachine) writeAll(src, sums string) {
	mod := func(name string) string {
		return "module example.com/" + name + "\n\ngo 1.21\n\nrequire example.com/hello v1.0.0\n"
	}
	const program = "package main\n\nimport _ \"example.com/hello\"\n\nfunc main() {}\n"
	zip := filepath.Join(m.root, "gopath/pkg/mod/cache/download/example.com/hello/@v/v1.0.0.zip")
	for name, text := range map[string]string{
		"home/src/app/go.mod": mod("app"), "home/src/app/go.sum": sums, "home/src/app/main.go": program,
		"home/src/tool/go.mod": mod("tool"), "home/src/tool/go.sum": sums, "home/src/tool/main.go": program,
		"home/src/app/build.log": "go: example.com/hello@v1.0.0: reading https://proxy.golang.org/example.com/hello/@v/v1.0.0.zip: 503 Service Unavailable\n",
		"home/src/app/ci.log":    "go: example.com/hello@v1.0.0: zip: not a valid zip file: " + zip + "\n",
		"home/.gitconfig":        fmt.Sprintf("[url %q]\n\tinsteadOf = https://github.com/gosteady/gosteady\n[safe]\n\tdirectory = *\n", src),
		"stubs/sudo":             "#!/bin/sh\nexec \"$@\"\n",
		"stubs/sleep":            "#!/bin/sh\n", // nobody waits here
		"tmp/.keep":              "", "srv/.keep": "", "etc/bash_completion.d/.keep": "",
		"var/lib/node_exporter/.keep": "", "github_path": "",
	} {
		file := filepath.Join(m.root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			m.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644|fs.FileMode(0o111*strings.Count(name, "stubs/"))); err != nil {
			m.t.Fatal(err)
		}
	}
}

// outside are the places of a machine that the docs write to.
var outside = regexp.MustCompile(`(^|[\s"'=:(>])(/etc/|/usr/local/lib/|/usr/local/share/|/var/lib/|/srv/|/tmp/|/src\b|/hello\b)`)

// wholeMachine are commands whose place nothing can change.
var wholeMachine = regexp.MustCompile(`policy (un)?trust --system|install(\.sh)? .*--(goroot|all)\b|gosteady (un)?install\b`)

// sh runs a script as a person's shell would, with all that is outside the home
// below root, and ends at the first command that fails.
func (m *docMachine) sh(script string) (string, int) {
	m.t.Helper()
	if wholeMachine.MatchString(script) {
		m.t.Fatalf("this changes the machine that runs the tests; put it into notRun:\n%s", script)
	}
	return m.shell("set -e\n" + outside.ReplaceAllString(script, "${1}"+m.root+"${2}"))
}

func (m *docMachine) shell(script string) (string, int) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", script)
	cmd.Dir, cmd.Env = m.dir, append(m.env, "PWD="+m.dir)
	// Whatever the script has started ends with it: a server that is left over would keep
	// the descriptors that it has inherited.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel, cmd.WaitDelay = end, 5*time.Second
	out, err := cmd.CombinedOutput()
	if cmd.Process != nil {
		_ = end() // fails where nothing is left, as is usual
	}
	if cmd.ProcessState == nil {
		m.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// docProxy is a module proxy that has the module of the docs, answers the first
// request for each of its files with a reset, and has from the module cache of the one
// who runs this test what gosteady is built of: no more than go has fetched to build
// and test it. So a command that needs every go.mod of the module graph, as "go mod
// verify" does, cannot run in a checkout of gosteady here.
func docProxy(t *testing.T) (url, gosumdb, sums string) {
	t.Helper()
	cache := filepath.Join(modcacheOf(t), "cache", "download")
	probed := requiredVersion(t, "golang.org/x/mod") // the docs probe this one
	mod, err := os.ReadFile(filepath.Join(cache, "golang.org/x/mod/@v", probed+".mod"))
	if err != nil {
		t.Fatal("the module cache does not have what gosteady is built of: ", err)
	}
	store := faultproxy.NewStore()
	for module, files := range map[string]map[string]string{
		"example.com/hello@v1.0.0":   {"hello.go": "package hello\n"},
		"golang.org/x/mod@" + probed: {"go.mod": string(mod)},
	} {
		path, version, _ := strings.Cut(module, "@")
		if err := store.Add(path, version, files); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.SumDB("sum.docs.example")
	if err != nil {
		t.Fatal(err)
	}
	if sums, err = store.Sum("example.com/hello", "v1.0.0"); err != nil {
		t.Fatal(err)
	}
	rest := http.FileServer(http.Dir(cache))
	p := modtest.Proxy(t, faultproxy.Config{Rules: "/example.com/** each first=1 reset", Content: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ours := strings.HasPrefix(r.URL.Path, "/example.com/") || strings.HasPrefix(r.URL.Path, "/sumdb/") || strings.HasSuffix(r.URL.Path, "/x/mod/@v/list")
		if ours {
			store.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})})
	return p.URL(), db.Key + " " + p.URL() + "/sumdb/" + db.Name, sums
}

// requiredVersion is the version of a module that gosteady requires.
func requiredVersion(t *testing.T, path string) string {
	t.Helper()
	mod, err := modfile.Parse("go.mod", []byte(readPage(t, "go.mod")), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range mod.Require {
		if r.Mod.Path == path {
			return r.Mod.Version
		}
	}
	t.Fatalf("go.mod does not require %s", path)
	return ""
}

func modcacheOf(t *testing.T) string {
	t.Helper()
	out, err := exec.Command(realGo(), "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// checkoutCopy is a git repository with the files of this one, whose installer
// takes the system's directories to be below ROOT.
func checkoutCopy(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "gosteady")
	m := &docMachine{t: t, dir: "."}
	m.env = append(modtest.Environ(t.TempDir(), modtest.GOCACHE()),
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, code := m.shell(`set -e
mkdir ` + dir + `
find . -name .git -prune -o -path ./dist -prune -o -type f -size -2000k -print0 | tar -cf - --null -T - | tar -xf - -C ` + dir + `
cd ` + dir + `
sed 's,return "/,return os.Getenv("ROOT") + "/,' internal/install/places_unix.go > new
cat new > internal/install/places_unix.go
rm new
git init -q
git add -A
git commit -q -m docs`)
	if code != 0 {
		t.Fatalf("exit status %d\n%s", code, out)
	}
	return dir
}
