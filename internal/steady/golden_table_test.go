package steady

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modhash"
	"github.com/gosteady/gosteady/internal/steadytest"
)

// golden has, for each file of testdata/golden, what is run and where.
var golden = map[string]func(*testing.T) *terminal{
	"help":            goldenHelp,
	"version":         func(t *testing.T) *terminal { return plainTerminal(t).run("version", "--version") },
	"completion":      goldenCompletion,
	"mistakes":        goldenMistakes,
	"which":           goldenWhich,
	"last":            goldenLast,
	"stats":           goldenStats,
	"doctor":          goldenDoctor,
	"doctor_ill":      goldenDoctorIll,
	"probe":           goldenProbe,
	"probe_mirrors":   goldenProbeMirrors,
	"explain":         goldenExplain,
	"policy":          goldenPolicy,
	"policy_mistakes": goldenPolicyMistakes,
	"policy_trust":    goldenPolicyTrust,
	"policy_replay":   goldenPolicyReplay,
	"policy_init":     goldenPolicyInit,
	"repair":          goldenRepair,
	"prune":           goldenPrune,
	"install":         goldenInstall,
	"serve":           goldenServe,
}

// plainTerminal has an empty home and no module.
func plainTerminal(t *testing.T) *terminal {
	dir := t.TempDir()
	return newTerminal(t, &App{Place: here.Place{Dir: dir, Env: []string{"HOME=" + dir, "GOENV=off", "PATH="}}}, dir)
}

func goldenHelp(t *testing.T) *terminal {
	term := plainTerminal(t)
	for _, c := range commandsBelow(term.app.root()) {
		term.run(strings.TrimSpace(strings.TrimPrefix(c.CommandPath(), "gosteady") + " --help"))
	}
	return term
}

// goldenCompletion asks as the scripts do when a person presses Tab. The scripts
// themselves are cobra's, and TestCompletionScriptsParse looks at them.
func goldenCompletion(t *testing.T) *terminal {
	return plainTerminal(t).run("__complete ''", "__complete policy ''", "__complete help ''", "__complete help policy ''", "__complete completion ''", "__complete stats --f", "completion tcsh")
}

func goldenMistakes(t *testing.T) *terminal {
	return plainTerminal(t).run("docter", "last --htm x", "policy chek", "version please", "probe", "prune", "last -n 0", "stats --format yaml",
		"stats missing.jsonl", "explain missing.log", "repair", "repair --all --log x", "policy check none.yaml", "completion", "help last week", "doctor --count 0")
}

func goldenWhich(t *testing.T) *terminal {
	m := steadytest.NewMachine(t, http.NotFoundHandler())
	term := newTerminal(t, &App{Place: m.Place}, m.Root).run("which", "which --json")
	term.app.Env = append(term.app.Env, "GOSTEADY_GO=/no/such/go")
	term.run("which")
	term.app.Env = append(term.app.Env, "GOSTEADY_GO=", "PATH=/nowhere")
	return term.run("which", "which --json")
}

// goldenInstall installs nothing: that is what the tests of install.sh do.
func goldenInstall(t *testing.T) *terminal {
	m := steadytest.NewMachine(t, http.NotFoundHandler())
	m.File("own/go", "theirs")
	term := newTerminal(t, &App{Place: m.Place}, m.Root)
	root := func(line string) string { return strings.ReplaceAll(line, "ROOT", m.Root) }
	return term.run("install --dry-run", "install --dry-run --json", root("install --goroot ROOT/own"),
		root("install --prefix ROOT/goroot/shims"), root("install --prefix ROOT/own"), "uninstall --dry-run", "uninstall", root("uninstall --prefix ROOT/own"))
}

func goldenLast(t *testing.T) *terminal {
	mended := steadytest.Rescued()
	mended.Dir = "/src/m"
	app, _ := appWith(t, steadytest.Known(), mended)
	term := newTerminal(t, app, app.Dir).run("last", "last -n 2", "last -n 2 --redact")
	term.times = []*regexp.Regexp{regexp.MustCompile(`()\d{4}-\d\d-\d\d \d\d:\d\d:\d\d()`)} // local time
	empty, _ := appWith(t)
	term.app = empty
	return term.run("last")
}

func goldenStats(t *testing.T) *terminal {
	app, _ := appWith(t, steadytest.Known(), steadytest.Rescued())
	term := newTerminal(t, app, app.Dir).run("stats", "stats --json", "stats --since 1h", "stats --format prometheus")
	empty, _ := appWith(t)
	term.app = empty
	return term.run("stats", "stats --json", "stats --format prometheus")
}

// doctorTerminal is one of a machine where the running program is installed.
func doctorTerminal(t *testing.T, m *steadytest.Machine) *terminal {
	t.Helper()
	self := here.Self()
	for _, name := range []string{"steady/go", "steady/gosteady"} {
		name = filepath.Join(m.Root, name)
		os.Remove(name)
		if err := os.Symlink(self, name); err != nil {
			t.Fatal(err)
		}
	}
	term := newTerminal(t, &App{Place: m.Place}, m.Root)
	term.times = []*regexp.Regexp{
		regexp.MustCompile(`(127\.0\.0\.1:)\d+()`),
		regexp.MustCompile(`("(?:resolve|connect|tls|first_byte|total)": )[-0-9.e]+()`),
		regexp.MustCompile(`((?:in|within|connect|first byte) )[0-9.]+m?(s)\b`),
	}
	return term
}

func goldenDoctor(t *testing.T) *terminal {
	m := steadytest.NewMachine(t, http.HandlerFunc(steadytest.Lists))
	m.File("src/go.mod", "module m\n\ngo 1.21\n\nrequire example.com/a v1.0.0\n")
	return doctorTerminal(t, m).run("doctor", "doctor --json", "doctor --upstreams", "doctor --upstreams --count 3 --max-latency 1m")
}

func goldenDoctorIll(t *testing.T) *terminal {
	refuse := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	m := steadytest.NewMachine(t, http.HandlerFunc(refuse),
		"GONOSUMCHECK=1", "GO111MODULE=auto", "GOFLAGS='-x", "HTTPS_PROXY=ftp://p", "SSL_CERT_FILE=/nonexistent",
		"GOPRIVATE=github.com/acme", "GOMODCACHE=/dev/null/mod", "GOSTEADY_RETRY_ATTEMPTS=many")
	m.Script("bin/git", "case $1 in version) echo git version 9.9;; *) exit 128;; esac")
	m.Script("bin/sh", "echo /usr/bin/other/go")
	m.File("src/.vscode/settings.json", `{"go.goroot": "/opt/go"}`)
	m.File("src/go.mod", "module m\n\ngo 1.21\n\nrequire github.com/acme/x v1.0.0\n")
	term := doctorTerminal(t, m)
	term.app.Env = append(term.app.Env, "PATH="+filepath.Join(m.Root, "goroot/bin")+":"+filepath.Join(m.Root, "bin"))
	term.run("doctor")
	term.app.Env = append(term.app.Env, "GOPROXY=http://proxy.invalid:port,direct,https://never.example", "GOSTEADY_GO=/no/such/go", "PATH=/nowhere")
	return term.run("doctor")
}

// probeTerminal is one whose GOPROXY has these sites, shown as a.test, b.test, …
func probeTerminal(t *testing.T, separator string, sites ...steadytest.Site) *terminal {
	dir := t.TempDir()
	var urls, names []string
	for i, s := range sites {
		server := httptest.NewServer(s)
		t.Cleanup(server.Close)
		urls = append(urls, server.URL)
		names = append(names, server.URL, fmt.Sprintf("https://%c.test", 'a'+i))
	}
	app := &App{Place: here.Place{Dir: dir, Env: []string{"GOENV=off", "HOME=" + dir, "PATH=", "GOSUMDB=sum.golang.org", "GOPROXY=" + strings.Join(urls, separator)}}}
	term := newTerminal(t, app, dir, names...)
	term.times = []*regexp.Regexp{
		regexp.MustCompile(`(\d\d\d {3}) *[0-9.]+m?(s  )`),
		regexp.MustCompile(`("(?:resolve|connect|tls|first_byte|total)": )[-0-9.e]+()`),
	}
	return term
}

func goldenProbe(t *testing.T) *terminal {
	hash := modhash.GoMod([]byte("module corp.example/m\n"))
	term := probeTerminal(t, ",", steadytest.SumDBSite(hash)).run("probe corp.example/m@v1.0.0", "probe --json corp.example/m@v1.0.0", "probe corp.example/m@v1.9.0", "probe m", "probe 'not a path'")
	term.app.Env = append(term.app.Env, "GOPRIVATE=corp.example")
	return term.run("probe corp.example/m@v1.0.0")
}

func goldenProbeMirrors(t *testing.T) *terminal {
	moved := steadytest.ModuleSite()
	moved["/corp.example/m/@v/v1.0.0.mod"] = "module corp.example/m\n\ngo 1.99\n"
	moved["/corp.example/m/@v/v1.0.0.info"] = `{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z","Origin":{"Hash":"bbbbbbbbbbbbbbbb"}}`
	behind, down := steadytest.Site{"/corp.example/m/@v/list": "v0.9.0\n"}, steadytest.Site{}
	for name := range steadytest.ModuleSite() {
		down[name] = "500"
	}
	return probeTerminal(t, "|", behind, down, steadytest.SumDBSite(modhash.GoMod([]byte("module corp.example/m\n"))), moved).
		run("probe corp.example/m@v1.0.0", "probe corp.example/m@v1.0.0 --all")
}

func goldenExplain(t *testing.T) *terminal {
	d := newDesk(t, "rules: [{on: [server-error], do: [retry, rotate]}]\n")
	d.write("build.log", steadytest.ResetLog+steadytest.DeniedLog)
	d.write("other.log", "PASS\n")
	return d.terminal().run("explain < build.log", "explain --json < build.log", "explain < other.log", "explain --json < other.log")
}

// terminal is one at the desk, with Go's usual list of proxies.
func (d *desk) terminal() *terminal {
	env := append(d.env, "GOPROXY=https://proxy.golang.org,direct")
	return newTerminal(d.t, &App{Place: here.Place{Dir: d.dir, Env: env}}, d.dir, filepath.Dir(d.dir), "/home/you")
}

func goldenPolicy(t *testing.T) *terminal {
	d := newDesk(t, "version: 1\nproxies: [https://goproxy.cn, https://athens.corp.example]\nhedge: off\nrules:\n  - {on: transient, when: ci, do: [retry, rotate]}\n")
	term := d.terminal().run("policy check", "policy check --strict", "policy check --json", "policy show", "policy show --json",
		"policy explain server-error", "policy explain server-error --ci", "policy explain integrity example.com/x", "policy explain gone --json")
	os.Remove(filepath.Join(d.dir, ".gosteady.yaml"))
	term.run("policy check")
	term.app.Env = append(term.app.Env, "GOSTEADY=off")
	return term.run("policy show")
}

func goldenPolicyMistakes(t *testing.T) *terminal {
	d := newDesk(t, "retry: {atempts: 3}\nnotify: heald\nalert: x\n", "GOSTEADY_HEDGE=soon", "GOSTEADY_RETRY_ATTEMPT=3")
	d.write("high.yaml", "retry: {attempts: 99}\n")
	d.write("list.yaml", "- a\n")
	return d.terminal().run("policy check", "policy check --json", "policy check high.yaml", "policy check list.yaml", "policy check none.yaml", "policy explain goen", "policy trust everything")
}

func goldenPolicyTrust(t *testing.T) *terminal {
	d := newDesk(t, "proxies: [https://athens.corp.example]\n")
	return d.terminal().run("policy trust", "policy trust proxy=https://athens.corp.example rotate", "policy trust", "policy trusted", "policy trusted --json",
		"policy untrust rotate", "policy untrust rotate", "policy trusted")
}

func goldenPolicyReplay(t *testing.T) *terminal {
	d := newDesk(t, "rules: [{on: [server-error], do: [retry, rotate]}]\n")
	d.write("build.log", "go: github.com/x/y@v1.0.0: reading https://proxy.golang.org/github.com/x/y/@v/v1.0.0.zip: 503 Service Unavailable\n"+steadytest.DeniedLog)
	term := d.terminal()
	store := journal.OpenStore(term.app.Getenv)
	rec := journal.NewRecorder([]string{"build"}, d.dir, time.Now)
	for range 3 {
		rec.Add(journal.Event{Outcome: journal.Unhealed, Class: classify.ServerError, Module: "github.com/x/y", Upstream: "proxy.example"})
	}
	if err := store.Create(); err != nil {
		t.Fatal(err)
	}
	if err := store.Append(rec.Invocation(1)); err != nil {
		t.Fatal(err)
	}
	return term.run("policy replay build.log", "policy replay --json build.log", "policy replay --journal", "policy replay go.mod", "policy replay", "policy replay none.log", "policy replay --journal build.log")
}

func goldenPolicyInit(t *testing.T) *terminal {
	term := newDesk(t, "").terminal().run("policy init", "policy init", "policy check", "policy init --stdout",
		"policy init --stdout --proxy https://goproxy.cn --rotate --wait-for 5m --private 'git.corp.example/*'", "policy init --force", "policy init --stdout --proxy http://x.example")
	return term
}

// cacheTerminal is one in a project with a warm module cache.
func cacheTerminal(t *testing.T) (*steadytest.Project, *terminal) {
	p := steadytest.NewProject(t)
	term := newTerminal(t, &App{Place: p.Place}, p.Place.Dir, p.Cache, "/home/you/go/pkg/mod", p.Proxy.URL(), "https://proxy.test")
	term.times = []*regexp.Regexp{
		regexp.MustCompile(`(in )[0-9.]+(s)`),
		regexp.MustCompile(`(127\.0\.0\.1:)\d+()`),
	}
	return p, term
}

func goldenRepair(t *testing.T) *terminal {
	p, term := cacheTerminal(t)
	term.run("repair")
	p.Damage(steadytest.DepX, "")
	p.Damage(steadytest.DepZip, "garbage")
	term.run("repair --dry-run", "repair --dry-run --json")
	p.Proxy.Refuse()
	term.run("repair")
	p.Check(p.Proxy.Listen())
	term.run("repair")
	p.Damage(steadytest.DepX, "package dep // changed\n")
	log := "main.go:3:8: " + p.File(steadytest.DepX) + ":1:1: expected 'package', found 'EOF'\n"
	p.Check(os.WriteFile(filepath.Join(p.Place.Dir, "build.log"), []byte(log), 0o666))
	p.Check(os.WriteFile(filepath.Join(p.Place.Dir, "test.log"), []byte("--- FAIL: TestX (0.00s)\n"), 0o666))
	term.run("repair --log build.log", "repair --log test.log", "repair --all")
	term.app.Env = append(term.app.Env, "GOMODCACHE="+filepath.Join(t.TempDir(), "none"))
	return term.run("repair", "repair --all", "prune --unused-for 720h --by-age")
}

func goldenPrune(t *testing.T) *terminal {
	p, term := cacheTerminal(t)
	then := time.Date(2020, 2, 3, 12, 0, 0, 0, time.UTC)
	p.Check(filepath.WalkDir(p.Cache, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, then, then)
	}))
	term.times = []*regexp.Regexp{
		regexp.MustCompile(`()[0-9.]+( k?B\b)`), // how well a zip is compressed depends on the toolchain
		regexp.MustCompile(`("(?:Size|size)":)\d+()`),
		regexp.MustCompile(`("(?:LastUse|last_use)":)"[^"]*"()`),
	}
	return term.run("prune --unused-for 720h --by-age --dry-run", "prune --unused-for 720h --by-age --dry-run --json",
		"prune --unused-for 720h --by-age --keep /no/such", "prune --unused-for 720h --by-age", "prune --unused-for 720h --by-age")
}

// goldenServe has what serve says to who does not serve: TestEnv and others in
// internal/e2e/gateway have the rest.
func goldenServe(t *testing.T) *terminal {
	term := plainTerminal(t)
	const at = " --listen 127.0.0.1:9 --upstream https://athens.corp.example"
	return term.run("serve --env"+at+",direct", "serve --env --fallback"+at+",direct", "serve --env --fallback"+at+"|https://goproxy.cn",
		"serve --env --unset", "serve --listen 0.0.0.0:9", "serve --upstream direct", "serve purge example.com/hello@v1.0.0 --store store", "serve purge hello")
}
