package steady

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/ask"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/steadytest"
)

// A machine is a made-up one for the doctor to look at.
type machine struct {
	t    *testing.T
	root string
	out  *bytes.Buffer
	d    *doctor
}

// newMachine has a GOROOT, gosteady before it in PATH, git, a shell, and one
// module proxy; extra are further variables.
func newMachine(t *testing.T, proxy http.Handler, extra ...string) *machine {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the made-up programs are shell scripts")
	}
	root := t.TempDir()
	m := &machine{t: t, root: root, out: new(bytes.Buffer)}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	m.script("goroot/bin/go", "exit 1")
	m.script("steady/go", "exit 1")
	m.script("steady/gosteady", "exit 1")
	m.script("bin/git", "echo git version 9.9")
	m.script("bin/sh", "echo welcome; echo "+filepath.Join(root, "steady/go"))
	m.file("goroot/VERSION", "go1.99\n")
	m.file("goroot/go.env", "GOSUMDB=off\n")
	m.file("goroot/pkg/tool/x", "")
	m.file("home/go/pkg/mod/some/file", "12345")
	m.file("src/go.mod", "module m\n\ngo 1.21\n")
	env := []string{
		"HOME=" + filepath.Join(root, "home"), "SHELL=" + filepath.Join(root, "bin/sh"),
		"PATH=" + strings.Join([]string{filepath.Join(root, "steady"), filepath.Join(root, "goroot/bin"), filepath.Join(root, "bin"), "/usr/bin", "/bin"}, ":"),
		"GOSTEADY_GO=" + filepath.Join(root, "goroot/bin/go"), "GOPROXY=" + server.URL,
	}
	m.d = &doctor{
		app:     &App{Stdout: m.out, Stderr: m.out, Place: here.Place{Dir: filepath.Join(root, "src"), Env: append(env, extra...)}},
		self:    filepath.Join(root, "steady/gosteady"),
		timeout: 10 * time.Second, count: 1,
	}
	return m
}

func (m *machine) file(name, content string) {
	m.t.Helper()
	name = filepath.Join(m.root, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) script(name, body string) {
	m.t.Helper()
	m.file(name, "#!/bin/sh\n"+body+"\n")
	if err := os.Chmod(filepath.Join(m.root, name), 0o777); err != nil {
		m.t.Fatal(err)
	}
}

// run returns the exit status and what was printed, with what differs from
// run to run replaced.
func (m *machine) run() (int, string) {
	m.t.Helper()
	m.out.Reset()
	code := 0
	if err := m.d.run(); err != nil {
		exit, ok := err.(ExitError)
		if !ok {
			m.t.Fatal(err)
		}
		code = exit.Code
	}
	out := strings.ReplaceAll(m.out.String(), m.root, "$T")
	out = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(out, "HOST")
	return code, regexp.MustCompile(`in [0-9.]+m?s \([^)]*\)`).ReplaceAllString(out, "in TIME")
}

func lists(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/golang.org/x/mod/@v/list") {
		_, _ = w.Write([]byte("v0.1.0\n"))
		return
	}
	http.NotFound(w, r)
}

func TestDoctorHealthy(t *testing.T) {
	m := newMachine(t, http.HandlerFunc(lists))
	const want = `go command
  ok    this shell runs gosteady: $T/steady/go
  ok    the real go: $T/goroot/bin/go go1.99 (named by GOSTEADY_GO)
  ok    login shells, and the editors that ask them, run gosteady

settings
  ok    GOPROXY=http://HOST (environment)
  warn  GOSUMDB=off (GOROOT/go.env): new modules are not verified
        → take GOSUMDB out of go.env in GOROOT; name private modules in GOPRIVATE instead

environment
  ok    no HTTP proxy, and the system's certificates

policy
  ok    the policy is valid and all of it is used

network
  ok    http://HOST answers in TIME

git
  ok    git version 9.9 ($T/bin/git)

module cache
  ok    $T/home/go/pkg/mod is writable, 5 B
`
	if code, got := m.run(); code != 0 || got != want {
		t.Errorf("exit %d, got\n%s\nwant\n%s", code, got, want)
	}
}

func TestDoctorIll(t *testing.T) {
	refuse := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	m := newMachine(t, http.HandlerFunc(refuse),
		"GONOSUMCHECK=1", "GO111MODULE=auto", "GOFLAGS='-x", "HTTPS_PROXY=ftp://p", "SSL_CERT_FILE=/nonexistent",
		"GOPRIVATE=github.com/acme", "GOMODCACHE=/proc/none", "GOSTEADY_RETRY_ATTEMPTS=many")
	m.script("bin/git", "case $1 in version) echo git version 9.9;; *) exit 128;; esac")
	m.script("bin/sh", "echo /usr/bin/other/go")
	m.file("src/.vscode/settings.json", `{"go.goroot": "/opt/go"}`)
	m.file("src/go.mod", "module m\n\ngo 1.21\n\nrequire github.com/acme/x v1.0.0\n")
	code, got := m.run()
	for _, want := range []string{
		"  warn  a login shell runs another go: /usr/bin/other/go\n",
		"  note  $T/src/.vscode/settings.json sets go.goroot: VS Code does not run gosteady\n",
		"  warn  GO111MODULE=auto (environment)\n        → unset GO111MODULE\n",
		"  fail  GOFLAGS: unterminated ' string\n",
		"  note  GONOSUMCHECK is set, and there is no such setting\n",
		"  fail  HTTPS_PROXY=ftp://p: go knows http, https and socks5 proxies only\n",
		"  fail  SSL_CERT_FILE: open /nonexistent: no such file or directory\n",
		"  fail  http://HOST wants credentials, and there are none (GOAUTH=netrc)\n        → add \"machine 127.0.0.1 login … password …\" to ~/.netrc, or set GOAUTH\n",
		"  fail  git cannot read github.com/acme/x, which GOPRIVATE sends there: exit status 128\n",
		"  fail  the module cache /proc/none cannot be written: ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if code != 1 || t.Failed() {
		t.Errorf("exit %d\n%s", code, got)
	}
}

func TestDoctorUpstreams(t *testing.T) {
	n := 0
	flaky := func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		lists(w, r)
	}
	m := newMachine(t, http.HandlerFunc(flaky))
	m.d.upstreams, m.d.count = true, 3
	code, got := m.run()
	if code != 1 || !strings.HasPrefix(got, "network\n  fail  http://HOST: 502 Bad Gateway (server-error)\n") || strings.Contains(got, "git") {
		t.Errorf("one of three fails: exit %d\n%s", code, got)
	}
	if code, got = m.run(); code != 0 || !strings.Contains(got, "answered 3 of 3 times, half of them within ") {
		t.Errorf("none of three fails: exit %d\n%s", code, got)
	}
	m.d.maxLatency = time.Nanosecond
	if code, got = m.run(); code != 1 || !strings.Contains(got, "→ more than --max-latency 1ns") {
		t.Errorf("all are too slow: exit %d\n%s", code, got)
	}
}

func TestDoctorJSON(t *testing.T) {
	m := newMachine(t, http.HandlerFunc(lists))
	m.d.json = true
	if code, _ := m.run(); code != 0 {
		t.Errorf("exit %d", code)
	}
	var checks []check
	if err := json.Unmarshal(m.out.Bytes(), &checks); err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if c.Area == "network" && (c.Timing == nil || c.Timing.Total <= 0 || c.Timing.FirstByte <= 0) {
			t.Errorf("no timing: %+v", c)
		}
	}
	if len(checks) != 10 {
		t.Errorf("%d checks, want 10", len(checks))
	}
}

func TestDoctorHTTPProxy(t *testing.T) {
	deny := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer deny.Close()
	m := newMachine(t, http.HandlerFunc(lists))
	m.d.upstreams = true
	m.d.httpProxy = func(*http.Request) (*url.URL, error) { return url.Parse(deny.URL) }
	code, got := m.run()
	if code != 1 || !strings.Contains(got, "  warn  http://HOST can be reached without http://HOST\n        → add 127.0.0.1 to NO_PROXY\n") {
		t.Errorf("exit %d\n%s", code, got)
	}
	if m.d.count = 0; m.d.run() == nil {
		t.Error("--count 0 is accepted")
	}
}

func TestCheckProxyList(t *testing.T) {
	for list, want := range map[string]string{
		"https://a.example,direct":            "ok",
		"a.example":                           "ok note: without a scheme",
		"http://a.example":                    "ok warn: over plain http",
		"http://localhost:3000":               "ok",
		"https://a.example,https://b.example": "ok note: a comma follows https://a.example",
		"https://a.example|https://b.example": "ok",
		"https://u:secret@a.example,direct":   "ok",
		"direct,https://a.example":            `ok warn: what follows "direct"`,
		"off":                                 "ok",
		"word":                                "fail: GOPROXY: invalid proxy URL missing scheme: word",
		",":                                   "fail: GOPROXY list is not the empty string, but contains no entries",
	} {
		d := &doctor{settings: goenv.Read([]string{"GOENV=off", "GOPROXY=" + list}, "")}
		checks := d.checkProxyList()
		verdicts, texts := "", ""
		for _, c := range checks {
			verdicts += string(c.Verdict) + " "
			texts += c.Text + "\n"
		}
		wantVerdicts, wantText, _ := strings.Cut(want, ": ")
		if strings.TrimSpace(verdicts) != wantVerdicts || !strings.Contains(texts, wantText) || strings.Contains(texts, "secret") {
			t.Errorf("%s: %s\n%s", list, verdicts, texts)
		}
	}
}

func TestCheckShadowed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte("GOPROXY=https://u:secret@a.example\nGOSUMDB=off\nGOFLAGS=-x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	d := &doctor{settings: goenv.Read([]string{"GOENV=" + file, "GOPROXY=direct", "GOFLAGS=-x"}, "")}
	checks := d.checkShadowed()
	if len(checks) != 1 || !strings.HasPrefix(checks[0].Text, "go env -w GOPROXY=https://xxxxx@a.example is hidden") {
		t.Errorf("shadowed: %+v", checks)
	}
	if checks := d.checkVerification(); len(checks) != 1 || checks[0].Fix != "go env -u GOSUMDB; name private modules in GOPRIVATE instead" {
		t.Errorf("GOSUMDB=off: %+v", checks)
	}
}

func TestCheckCertFile(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]verdict{
		"": failing,
		strings.Repeat("-----BEGIN CERTIFICATE-----\n", 1):   warning,
		strings.Repeat("-----BEGIN CERTIFICATE-----\n", 100): fine,
	} {
		file := filepath.Join(dir, "certs")
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if c := checkCertFile(file); c.Verdict != want {
			t.Errorf("%d bytes: %+v, want %s", len(content), c, want)
		}
	}
	if c := checkCertDirs(dir + ":/nonexistent"); c.Verdict != fine {
		t.Errorf("SSL_CERT_DIR: %+v", c)
	}
	if c := checkCertDirs("/nonexistent"); c.Verdict != warning {
		t.Errorf("SSL_CERT_DIR: %+v", c)
	}
}

func TestIssuerAndClock(t *testing.T) {
	s := server{name: "x", ask: &url.URL{Scheme: "https", Host: "proxy.golang.org"}}
	if _, said := checkIssuer(s, ask.Answer{Issuer: "Google Trust Services LLC"}); said {
		t.Error("the right issuer is suspected")
	}
	if c, said := checkIssuer(s, ask.Answer{Issuer: "ACME TLS Inspection"}); !said || !strings.Contains(c.Text, "ACME TLS Inspection") {
		t.Errorf("interception: %+v", c)
	}
	at := func(skew time.Duration, age string) ask.Answer {
		h := http.Header{"Date": {steadytest.Monday.Add(skew).Format(http.TimeFormat)}}
		if age != "" {
			h.Set("Age", age)
		}
		return ask.Answer{Header: h}
	}
	for _, tt := range []struct {
		a    ask.Answer
		said bool
	}{{at(time.Minute, ""), false}, {at(-time.Hour, ""), true}, {at(time.Hour, ""), true}, {at(-time.Hour, "3600"), false}, {ask.Answer{}, false}} {
		if c, said := checkClock(tt.a, steadytest.Monday); said != tt.said {
			t.Errorf("%v: %+v", tt.a.Header, c)
		}
	}
}

func TestStyle(t *testing.T) {
	var out bytes.Buffer
	checks := []check{{Area: "a", Verdict: fine, Text: "good"}, {Area: "b", Verdict: failing, Text: "bad\nnews", Fix: "mend"}}
	printChecks(&out, checks, style{symbols: true, colour: true})
	if want := "a\n  \x1b[32m✓\x1b[m  good\n\nb\n  \x1b[31m✗\x1b[m  bad news\n        → mend\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	if got := (style{symbols: true}).mark(warning); got != "!" {
		t.Errorf("without colour: %q", got)
	}
}

func TestNamesGo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "settings.json")
	for content, want := range map[string]string{
		`{}`:                                      "",
		`{"go.goroot": ""}`:                       "",
		`{"go.goroot": "/opt/go"}`:                "go.goroot",
		`{"go.alternateTools": {"go": "/x"}}`:     "go.alternateTools",
		`{"go.alternateTools": {"gopls": "/x"}}`:  "",
		"{ // with a comment\n\"go.goroot\": 1,}": "go.goroot",
	} {
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if got := namesGo(file); got != want {
			t.Errorf("%s: %q, want %q", content, got, want)
		}
	}
}
