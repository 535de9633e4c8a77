package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestPrivate(t *testing.T) {
	m := start(t, func(m *machine) {
		m.config.Rules.Private, m.config.Rules.NoProxy, m.config.Rules.NoSumDB = "example.com/*", "example.com/*", "example.com/*"
	})
	for path, want := range map[string]int{
		"/0/example.com/hello/@v/list": 404, "/0/example.com/hello/@v/v1.0.0.zip": 404, "/0/example.com/hello/@latest": 404,
		"/0/sumdb/localhost/sum/lookup/example.com/hello@v1.0.0": 403,
	} {
		if a := m.get(path); a.status != want || !strings.Contains(a.body, "GO") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if n := len(m.proxy.Requests()); n != 0 {
		t.Errorf("the upstream was asked %d times", n)
	}
}

func TestRangeAndConditions(t *testing.T) {
	m := start(t, nil)
	const path = "/0/example.com/hello/@v/v1.0.0.zip"
	m.get(path)
	m.settle()
	whole := m.get(path)
	tag := whole.header.Get("Etag")
	if tag == "" || whole.header.Get("Accept-Ranges") != "bytes" || whole.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%v", whole.header)
	}
	if a := m.get(path, "Range", "bytes=2-5"); a.status != 206 || a.body != whole.body[2:6] {
		t.Errorf("range: %d %q", a.status, a.body)
	}
	if a := m.get(path, "Range", "bytes=2-", "If-Range", tag); a.status != 206 || a.body != whole.body[2:] {
		t.Errorf("if-range: %d", a.status)
	}
	if a := m.get(path, "Range", "bytes=2-", "If-Range", `"x"`); a.status != 200 || a.body != whole.body {
		t.Errorf("if-range of another file: %d", a.status)
	}
	if a := m.get(path, "Range", "bytes=999999-"); a.status != 416 {
		t.Errorf("beyond its end: %d", a.status)
	}
	if a := m.get(path, "If-None-Match", tag); a.status != 304 || a.body != "" {
		t.Errorf("if-none-match: %d", a.status)
	}
	if a := m.get(path, "If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)); a.status != 304 {
		t.Errorf("if-modified-since: %d", a.status)
	}
	if a := m.request(http.MethodHead, path); a.status != 200 || a.body != "" || a.header.Get("Content-Length") != fmt.Sprint(len(whole.body)) {
		t.Errorf("HEAD: %d %v", a.status, a.header)
	}
	if a := m.get(path, "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" || a.body != whole.body {
		t.Errorf("gzip: %v", a.header)
	}
	if a := m.request(http.MethodPost, path); a.status != 405 {
		t.Errorf("POST: %d", a.status)
	}
}

func TestHost(t *testing.T) {
	m := start(t, func(m *machine) { m.config.Hosts = []string{"gateway.corp.example"} })
	u, _ := url.Parse(m.server.URL)
	for host, want := range map[string]int{
		u.Host: 200, "localhost:" + u.Port(): 200, "LOCALHOST": 200, "gateway.corp.example": 200, "gateway.corp.example.:80": 200,
		"evil.example": 421, "127.0.0.1.evil.example": 421, "10.0.0.1:" + u.Port(): 421, "[::1]:" + u.Port(): 421, "127.0.0.2": 421,
	} {
		if a := m.get("/healthz", "Host", host); a.status != want {
			t.Errorf("Host %s: %d, want %d", host, a.status, want)
		}
	}
}

// An upstream that is asked with our credentials answers only who has the token, and what
// came from it is not given to others.
func TestCredentials(t *testing.T) {
	const path = "/example.com/hello/@v/v1.0.0.zip"
	m := start(t, func(m *machine) {
		secret := strings.Replace(m.proxy.URL(), "http://127.0.0.1", "http://user:word@localhost", 1)
		m.config.Upstreams = parse(t, secret+","+m.proxy.URL())
		m.config.Token = "s3cret"
	})
	basic := func(password string) string {
		req, _ := http.NewRequest("GET", "/", nil)
		req.SetBasicAuth("anyone", password)
		return req.Header.Get("Authorization")
	}
	for _, tt := range []struct {
		path, authorization string
		want                int
	}{
		{"/0" + path, "", 401}, {"/0" + path, basic("wr0ng"), 401}, {"/0" + path, basic(""), 401}, {"/~wr0ng/0" + path, "", 401}, {"/~/0" + path, "", 401},
		{"/0" + path, basic("s3cret"), 200}, {"/0" + path, "Bearer s3cret", 200}, {"/~s3cret/0" + path, "", 200}, {"/healthz", "", 200},
	} {
		if a := m.get(tt.path, "Authorization", tt.authorization); a.status != tt.want {
			t.Errorf("%s, %q: %d %s, want %d", tt.path, tt.authorization, a.status, a.body, tt.want)
		}
	}
	m.settle()
	m.proxy.Script("** status=404")
	if a := m.get("/1" + path); a.status != 404 {
		t.Errorf("what came with credentials is given to all: %d", a.status)
	}
	for _, r := range m.proxy.Requests() {
		if v := r.Header.Get("Authorization"); v != "" && v != basicOf("user", "word") {
			t.Errorf("the client's %s went upstream", v)
		}
	}
	if log := m.log.String(); strings.Contains(log, "s3cret") || strings.Contains(log, "wr0ng") || strings.Contains(log, "word@") {
		t.Errorf("the log has a secret:\n%s", log)
	}
}

// What an upstream gave for credentials stays with those who may use them, also where it is
// asked without any: by another entry, or since the settings have changed.
func TestCredentialsGone(t *testing.T) {
	const file, list = "/example.com/hello/@v/v1.0.0.zip", "/example.com/hello/@v/list"
	m := start(t, func(m *machine) {
		secret := strings.Replace(m.proxy.URL(), "http://", "http://user:word@", 1)
		m.config.Upstreams = parse(t, secret+","+m.proxy.URL())
		m.config.Token = "s3cret"
	})
	for _, path := range []string{file, list} {
		if a := m.get("/~s3cret/0" + path); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	m.settle()
	m.proxy.Script("** status=401")
	for _, end := range []string{"/1", "/0"} {
		for _, path := range []string{file, list} {
			if a := m.get(end + path); a.status == 200 {
				t.Errorf("what came with credentials is given without: %s%s", end, path)
			}
		}
		m.config.Upstreams = parse(t, m.proxy.URL())
		if err := m.Reload(m.config); err != nil {
			t.Fatal(err)
		}
	}
}

func basicOf(user, password string) string {
	req, _ := http.NewRequest("GET", "/", nil)
	req.SetBasicAuth(user, password)
	return req.Header.Get("Authorization")
}

func TestGuarded(t *testing.T) {
	m := start(t, func(m *machine) { m.config.Token, m.config.Guarded = "s3cret", true })
	for path, want := range map[string]int{
		"/0/example.com/hello/@v/list": 401, "/metrics": 401, "/healthz": 200, "/~s3cret/0/example.com/hello/@v/list": 200, "/~s3cret/metrics": 200,
	} {
		if a := m.get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
}

// Without a token, an upstream with credentials is closed to all.
func TestNoToken(t *testing.T) {
	m := start(t, func(m *machine) {
		m.config.Upstreams = parse(t, strings.Replace(m.proxy.URL(), "http://", "http://user:word@", 1))
	})
	for _, path := range []string{"/0/example.com/hello/@v/list", "/~/0/example.com/hello/@v/list"} {
		if a := m.get(path); a.status != 403 || !strings.Contains(a.body, "--token-file") {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

func TestBounds(t *testing.T) {
	m := start(t, nil)
	req, _ := http.NewRequest(http.MethodGet, m.server.URL+"/healthz", nil)
	req.Header.Set("X-Long", strings.Repeat("x", 64<<10))
	if res, err := http.DefaultTransport.RoundTrip(req); err == nil && res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a long header: %d", res.StatusCode) // else the connection is reset
	}
	req, _ = http.NewRequest(http.MethodGet, m.server.URL+"/0/example.com/hello/@v/list", strings.NewReader("body"))
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body: %d", res.StatusCode)
	}
}

// The path of an upstream's address may be a token, and whoever asks the gateway is not to
// know it.
func TestPathOfUpstream(t *testing.T) {
	m := start(t, func(m *machine) {
		m.config.Upstreams = parse(t, m.proxy.URL()+"/letmein/go")
	})
	m.proxy.Kill()
	for _, file := range []string{"v1.0.0.info", "v1.0.0.zip", "list"} {
		a := m.get("/0/example.com/hello/@v/" + file)
		if a.status != http.StatusBadGateway || strings.Contains(a.body, "letmein") || !strings.Contains(a.body, "refused") {
			t.Errorf("%s: %d %s", file, a.status, a.body)
		}
	}
	if log := m.log.String(); strings.Contains(log, "letmein") || !strings.Contains(log, "refused") {
		t.Error(log)
	}
}
