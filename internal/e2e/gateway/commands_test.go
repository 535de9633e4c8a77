package gateway

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

// steady runs a command of gosteady beside the gateways.
func (s *site) steady(extra []string, args ...string) modtest.Result {
	s.t.Helper()
	return modtest.Run(s.t, s.t.TempDir(), append(s.env, extra...), modtest.Executable(bin, "gosteady"), args...)
}

// What --env prints is what a client needs, and it finds the gateway that runs.
func TestEnv(t *testing.T) {
	s := newSite(t, 2)
	s.env = append(s.env, "GOPRIVATE=git.corp.example", "GOPROXY="+s.proxy.URL()+"|https://other.example,direct")
	g := s.serve()
	r := s.steady(nil, "serve", "--env")
	want := "GOPROXY=" + g.url + "/0|" + g.url + "/1,direct\nGOPRIVATE=git.corp.example\nGONOPROXY=git.corp.example\nGONOSUMDB=git.corp.example\n"
	if r.Code != 0 || r.Stdout != want || r.Stderr != "" {
		t.Errorf("%d %q %q, want %q", r.Code, r.Stdout, r.Stderr, want)
	}
	if r := s.steady(nil, "serve", "--env", "--fallback"); r.Code == 0 || !strings.Contains(r.Stderr, "--fallback") {
		t.Errorf("two entries and private modules: %d %q %q", r.Code, r.Stdout, r.Stderr)
	}
	one := []string{"GOPRIVATE=", "GOPROXY=" + s.proxy.URL() + ",direct"}
	r = s.steady(one, "serve", "--env", "--fallback", "--listen", "127.0.0.1:9")
	if want := "GOPROXY=http://127.0.0.1:9/0|" + s.proxy.URL() + ",direct\n"; r.Code != 0 || r.Stdout != want || !strings.Contains(r.Stderr, "nothing listens") && !strings.Contains(r.Stderr, "start it") && r.Stderr != "" {
		t.Errorf("%d %q %q, want %q", r.Code, r.Stdout, r.Stderr, want)
	}
	if r := s.steady(nil, "serve", "--env", "--name", "gateway"); !strings.Contains(r.Stdout, "http://gateway:") {
		t.Errorf("%q", r.Stdout)
	}
	g.kill()
	if r := s.steady([]string{"GOSTEADY_SERVE_LISTEN=127.0.0.1:1"}, "serve", "--env"); r.Code != 0 || !strings.Contains(r.Stderr, "start it with 'gosteady serve'") {
		t.Errorf("with none that runs: %d %q", r.Code, r.Stderr)
	}
}

// A list that names the gateway itself is refused, however it is spelled.
func TestItself(t *testing.T) {
	s := newSite(t, 1)
	for _, list := range []string{"http://127.0.0.1:7979/0", "http://localhost:7979", "https://x.example,http://[::1]:7979/1,direct"} {
		r := s.steady(nil, "serve", "--listen", "127.0.0.1:7979", "--upstream", list)
		if r.Code != 1 || !strings.Contains(r.Stderr, "the gateway itself") || !strings.Contains(r.Stderr, "--upstream") {
			t.Errorf("%s: %d %s", list, r.Code, r.Stderr)
		}
	}
	for _, tt := range []struct{ args, want string }{
		{"--listen 0.0.0.0:0", "--tls-cert"},
		{"--listen 0.0.0.0:0 --insecure", "--token-file"},
		{"--listen nonsense", "HOST:PORT"},
		{"--upstream direct", "no http(s) entry"},
		{"--upstream proxyexample", "the upstreams proxyexample: invalid proxy URL missing scheme"},
		{"--upstream http://u:p@x.example", "https"},
		{"--max-size lots", "20G"},
		{"--log xml", "json"},
		{"--tls-cert x", "--tls-key"},
		{"--token-file /no/such", "token"},
		{"--write", "--env"},
	} {
		r := s.steady(nil, append([]string{"serve"}, strings.Fields(tt.args)...)...)
		if r.Code != 1 || !strings.Contains(r.Stderr, tt.want) || strings.Count(r.Stderr, "\n") != 1 || strings.Contains(r.Stderr, "u:p") {
			t.Errorf("%s: %d %s", tt.args, r.Code, r.Stderr)
		}
	}
}

// go env -w is written, read as the upstreams from then on, and restored.
func TestWrite(t *testing.T) {
	s := newSite(t, 2)
	file := filepath.Join(t.TempDir(), "env")
	for _, before := range []string{"", "GOPROXY=" + s.proxy.URL() + ",direct\n"} {
		if err := os.WriteFile(file, []byte(before+"GOSUMDB="+s.db.Key+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		env := []string{"GOENV=" + file, "GOPROXY=", "GOSUMDB=", "GOFLAGS=", "GOSTEADY_GO=" + modtest.RealGo(t)}
		r := s.steady(env, "serve", "--env", "--write", "--listen", "127.0.0.1:7979")
		now, _ := os.ReadFile(file)
		if r.Code != 0 || !strings.Contains(string(now), "GOPROXY=http://127.0.0.1:7979/0,direct\n") {
			t.Fatalf("%d %s%s\n%s", r.Code, r.Stdout, r.Stderr, now)
		}
		// Written twice, it still knows what was before.
		s.steady(env, "serve", "--env", "--write", "--listen", "127.0.0.1:7979")
		if before != "" { // else the upstream is on the internet
			all := append(append([]string(nil), s.env...), env...)
			g := start(t, all, "--store", s.dir)
			if status, body := g.get("/0/example.com/m0/@v/list"); status != 200 {
				t.Errorf("the upstreams are not those of before: %d %s", status, body)
			}
			g.kill()
		}
		r = s.steady(env, "serve", "--env", "--unset")
		now, _ = os.ReadFile(file)
		if got := strings.Contains(string(now), "GOPROXY="); r.Code != 0 || got != (before != "") || got && !strings.Contains(string(now), before) {
			t.Errorf("%d %s%s\n%s", r.Code, r.Stdout, r.Stderr, now)
		}
		if r := s.steady(env, "serve", "--env", "--unset"); r.Code == 0 {
			t.Error("restored twice")
		}
	}
}

func TestPurge(t *testing.T) {
	s := newSite(t, 2)
	g := s.serve()
	s.client(g.url+"/0").must("mod", "download", "example.com/m0@v1.0.0")
	waitFor(t, func() bool { return exists(filepath.Join(s.dir, "example.com/m0/@v/v1.0.0.zip")) })
	r := s.steady(nil, "serve", "purge", "example.com/m0@v1.0.0", "--store", s.dir)
	if r.Code != 0 || !strings.Contains(r.Stdout, "removed") {
		t.Errorf("%d %s%s", r.Code, r.Stdout, r.Stderr)
	}
	s.proxy.Forget()
	s.client(g.url+"/0").must("mod", "download", "example.com/m0@v1.0.0")
	if s.proxy.Count("**.zip") != 1 {
		t.Error("a running gateway serves what was purged")
	}
	for _, arg := range []string{"example.com/m0@v9.9.9", "example.com/m0", "example.com/m0@main", "../x@v1.0.0"} {
		if r := s.steady(nil, "serve", "purge", arg, "--store", s.dir); r.Code != 1 || r.Stderr == "" {
			t.Errorf("%s: %d %s", arg, r.Code, r.Stderr)
		}
	}
}

// SIGTERM lets a request finish; SIGHUP reads the settings again.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such signals")
	}
	s := newSite(t, 2)
	policy := filepath.Join(modtest.Getenv(s.env, "XDG_CONFIG_HOME"), "gosteady", "policy.yaml")
	os.MkdirAll(filepath.Dir(policy), 0o777)
	os.WriteFile(policy, []byte("serve: {log: json, upstreams: '"+s.proxy.URL()+"'}\n"), 0o666)
	g := s.serve()
	if status, _ := g.get("/1/example.com/m0/@v/list"); status != 404 {
		t.Errorf("%d", status)
	}
	os.WriteFile(policy, []byte("serve: {log: json, upstreams: '"+s.proxy.URL()+","+s.proxy.URL()+"'}\n"), 0o666)
	g.cmd.Process.Signal(syscall.SIGHUP)
	waitFor(t, func() bool { status, _ := g.get("/1/example.com/m0/@v/list"); return status == 200 })
	os.WriteFile(policy, []byte("serve: {upstreams: 'ftp://x'}\n"), 0o666)
	g.cmd.Process.Signal(syscall.SIGHUP)
	waitFor(t, func() bool { return strings.Contains(g.said(), "as they were") })
	if status, _ := g.get("/1/example.com/m0/@v/list"); status != 200 {
		t.Errorf("after bad settings: %d", status)
	}
	if !strings.Contains(g.said(), `"msg":"request"`) {
		t.Error("the log is not JSON")
	}
	s.check(s.proxy.Script("**.info delay=500ms slow"))
	got := make(chan int, 1)
	go func() { status, _ := g.get("/0/example.com/m0/@v/v1.0.0.info"); got <- status }()
	waitFor(t, func() bool { return s.proxy.Count("**.info") > 0 })
	if err := g.stop(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if status := <-got; status != 200 {
		t.Errorf("a request under way at the end: %d", status)
	}
	if !exists(filepath.Join(s.dir, "example.com/m0/@v/list")) && exists(filepath.Join(modtest.Getenv(s.env, "XDG_STATE_HOME"), "gosteady", "gateways")) {
		if left, _ := os.ReadDir(filepath.Join(modtest.Getenv(s.env, "XDG_STATE_HOME"), "gosteady", "gateways")); len(left) > 0 {
			t.Errorf("it is still recorded: %v", left)
		}
	}
}

// The whole of a gateway with a token on loopback: go shows it in the path.
func TestTokenOnLoopback(t *testing.T) {
	s := newSite(t, 2)
	token := filepath.Join(t.TempDir(), "token")
	os.WriteFile(token, []byte("0123456789abcdef0123\n"), 0o600)
	g := s.serve("--token-file", token, "--listen", "0.0.0.0:0", "--insecure")
	r := s.steady(nil, "serve", "--env")
	list, ok := strings.CutPrefix(strings.TrimSpace(r.Stdout), "GOPROXY=")
	if !ok || !strings.Contains(list, "/~0123456789abcdef0123/0") {
		t.Fatalf("%q %q", r.Stdout, r.Stderr)
	}
	s.client(list).must("mod", "download", "example.com/m0@v1.0.0")
	if r := s.client(strings.Replace(list, "/~0123456789abcdef0123", "", 1)).run("mod", "download", "example.com/m0@v1.0.0"); r.Code == 0 {
		t.Error("without the token")
	}
	if strings.Contains(g.said(), "0123456789abcdef") {
		t.Error("the token is in the log")
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	if !eventually(what) {
		t.Error("it does not happen")
	}
}

// eventually waits for something for ten seconds.
func eventually(what func() bool) bool {
	for range 1000 {
		if what() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}
