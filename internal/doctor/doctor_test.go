package doctor

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/family"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/httpprobe"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
	"github.com/gosteady/gosteady/internal/tui"
)

// A visit is a checkup of a made-up machine.
type visit struct {
	*steadytest.Machine
	Checkup
}

func newVisit(t *testing.T, proxy http.Handler, extra ...string) *visit {
	m := steadytest.NewMachine(t, proxy, extra...)
	return &visit{m, Checkup{Place: m.Place, Self: filepath.Join(m.Root, "steady/gosteady"), Timeout: 10 * time.Second}}
}

// text reports whether anything failed, and what a person reads, with what
// differs from run to run replaced.
func (v *visit) text() (failed bool, text string) {
	var b strings.Builder
	checks := v.Run()
	Text(&b, checks, tui.Style{})
	text = strings.ReplaceAll(b.String(), v.Root, "$T")
	text = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(text, "HOST")
	return Failed(checks), regexp.MustCompile(`in [0-9.]+m?s \([^)]*\)`).ReplaceAllString(text, "in TIME")
}

func TestHealthy(t *testing.T) {
	v := newVisit(t, http.HandlerFunc(steadytest.Lists))
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
	if failed, got := v.text(); failed || got != want {
		t.Errorf("failed: %v, got\n%s\nwant\n%s", failed, got, want)
	}
}

func TestIll(t *testing.T) {
	refuse := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	v := newVisit(t, http.HandlerFunc(refuse),
		"GONOSUMCHECK=1", "GO111MODULE=auto", "GOFLAGS='-x", "HTTPS_PROXY=ftp://p", "SSL_CERT_FILE=/nonexistent",
		"GOPRIVATE=github.com/acme", "GOMODCACHE=/proc/none", "GOSTEADY_RETRY_ATTEMPTS=many")
	v.Script("bin/git", "case $1 in version) echo git version 9.9;; *) exit 128;; esac")
	v.Script("bin/sh", "echo /usr/bin/other/go")
	v.File("src/.vscode/settings.json", `{"go.goroot": "/opt/go"}`)
	v.File("src/go.mod", "module m\n\ngo 1.21\n\nrequire github.com/acme/x v1.0.0\n")
	failed, got := v.text()
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
	if !failed || t.Failed() {
		t.Errorf("failed: %v\n%s", failed, got)
	}
}

func TestUpstreams(t *testing.T) {
	n := 0
	flaky := func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		steadytest.Lists(w, r)
	}
	v := newVisit(t, http.HandlerFunc(flaky))
	v.Upstreams, v.Count = true, 3
	failed, got := v.text()
	if !failed || !strings.HasPrefix(got, "network\n  fail  http://HOST: 502 Bad Gateway (server-error)\n") || strings.Contains(got, "git") {
		t.Errorf("one of three fails: failed: %v\n%s", failed, got)
	}
	if failed, got = v.text(); failed || !strings.Contains(got, "answered 3 of 3 times, half of them within ") {
		t.Errorf("none of three fails: failed: %v\n%s", failed, got)
	}
	v.MaxLatency = time.Nanosecond
	if failed, got = v.text(); !failed || !strings.Contains(got, "→ more than --max-latency 1ns") {
		t.Errorf("all are too slow: failed: %v\n%s", failed, got)
	}
}

// A program reads the parts of each answer's time.
func TestTimings(t *testing.T) {
	v := newVisit(t, http.HandlerFunc(steadytest.Lists))
	checks := v.Run()
	for _, c := range checks {
		if c.Area == "network" && (c.Timing == nil || c.Timing.Total <= 0 || c.Timing.FirstByte <= 0) {
			t.Errorf("no timing: %+v", c)
		}
	}
	if len(checks) != 10 {
		t.Errorf("%d checks, want 10", len(checks))
	}
}

func TestHTTPProxy(t *testing.T) {
	deny := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer deny.Close()
	v := newVisit(t, http.HandlerFunc(steadytest.Lists))
	v.Upstreams = true
	v.HTTPProxy = func(*http.Request) (*url.URL, error) { return url.Parse(deny.URL) }
	failed, got := v.text()
	if !failed || !strings.Contains(got, "  warn  http://HOST can be reached without http://HOST\n        → add 127.0.0.1 to NO_PROXY\n") {
		t.Errorf("failed: %v\n%s", failed, got)
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
		"direct,https://a.example":            `ok warn: the entries after "direct"`,
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

// What was looked at comes in the same order each time.
func TestInventedSettings(t *testing.T) {
	d := &doctor{settings: goenv.Read([]string{"GOENV=off", "GOSUMCHECK=off", "GOMODPROXY=x", "GONOSUMCHECK=1"}, "")}
	var names []string
	for _, c := range d.checkVerification() {
		name, _, _ := strings.Cut(c.Text, " ")
		names = append(names, name)
	}
	if got := strings.Join(names, " "); got != "GOMODPROXY GONOSUMCHECK GOSUMCHECK" {
		t.Error(got)
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
	for content, want := range map[string]tui.Verdict{
		"": tui.Fail,
		strings.Repeat("-----BEGIN CERTIFICATE-----\n", 1):   tui.Warn,
		strings.Repeat("-----BEGIN CERTIFICATE-----\n", 100): tui.OK,
	} {
		file := filepath.Join(dir, "certs")
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if c := checkCertFile(file); c.Verdict != want {
			t.Errorf("%d bytes: %+v, want %s", len(content), c, want)
		}
	}
	if c := checkCertDirs(dir + string(filepath.ListSeparator) + "/nonexistent"); c.Verdict != tui.OK {
		t.Errorf("SSL_CERT_DIR: %+v", c)
	}
	if c := checkCertDirs("/nonexistent"); c.Verdict != tui.Warn {
		t.Errorf("SSL_CERT_DIR: %+v", c)
	}
}

func TestIssuerAndClock(t *testing.T) {
	s := server{name: "x", ask: &url.URL{Scheme: "https", Host: "proxy.golang.org"}}
	if _, said := checkIssuer(s, httpprobe.Answer{Issuer: "Google Trust Services LLC"}); said {
		t.Error("the right issuer is suspected")
	}
	if c, said := checkIssuer(s, httpprobe.Answer{Issuer: "ACME TLS Inspection"}); !said || !strings.Contains(c.Text, "ACME TLS Inspection") {
		t.Errorf("interception: %+v", c)
	}
	at := func(skew time.Duration, age string) httpprobe.Answer {
		h := http.Header{"Date": {steadytest.Monday.Add(skew).Format(http.TimeFormat)}}
		if age != "" {
			h.Set("Age", age)
		}
		return httpprobe.Answer{Header: h}
	}
	for _, tt := range []struct {
		a    httpprobe.Answer
		said bool
	}{{at(time.Minute, ""), false}, {at(-time.Hour, ""), true}, {at(time.Hour, ""), true}, {at(-time.Hour, "3600"), false}, {httpprobe.Answer{}, false}} {
		if c, said := checkClock(tt.a, steadytest.Monday); said != tt.said {
			t.Errorf("%v: %+v", tt.a.Header, c)
		}
	}
}

func TestText(t *testing.T) {
	var out strings.Builder
	Text(&out, []Check{{Area: "a", Verdict: tui.OK, Text: "good"}, {Area: "b", Verdict: tui.Fail, Text: "bad\nnews", Fix: "mend"}}, tui.Style{})
	if want := "a\n  ok    good\n\nb\n  fail  bad news\n        → mend\n"; out.String() != want {
		t.Errorf("%q", out.String())
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

// TestFamilies: doctor tells what go commands have found of a host's addresses.
func TestFamilies(t *testing.T) {
	v := newVisit(t, http.HandlerFunc(steadytest.Lists))
	m := &family.Memory{Dir: journal.OpenStore(v.Checkup.Place.Getenv).Dir(), Now: time.Now}
	m.Failed("storage.example", family.IPv6)
	m.Worked("storage.example", family.IPv4)
	m.Save()
	_, text := v.text()
	if want := "note  storage.example: connections over IPv6 failed 0s ago, so gosteady tries IPv4 first until "; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
}
