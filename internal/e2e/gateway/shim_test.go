package gateway

import (
	"net"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// A go command of ours whose GOPROXY names the gateway does not repeat what that has
// tried, and says what go says.
func TestShim(t *testing.T) {
	s := newSite(t, 2)
	quick := []string{"GOSTEADY_RETRY_WAITS=1ms", "GOSTEADY_RETRY_ATTEMPTS=3"}
	s.env = append(s.env, quick...)
	s.check(s.proxy.Script("**.info status=503"))
	g := s.serve()
	c := s.client(g.url+"/0", append(quick, "XDG_STATE_HOME="+modtest.Getenv(s.env, "XDG_STATE_HOME"), "GONOSUMDB=*")...)
	plain := c.run("list", "-m", "example.com/m0@v1.0.0")
	asked := s.proxy.Count("**.info")
	s.proxy.Forget()
	shim := modtest.Run(t, c.dir, c.env, modtest.Executable(bin, "go"), "list", "-m", "example.com/m0@v1.0.0")
	if again := s.proxy.Count("**.info"); again > asked || asked == 0 {
		t.Errorf("plain go cost %d requests, ours %d", asked, again)
	}
	if plain.Code == 0 || shim.Code != plain.Code || shim.Stderr != plain.Stderr || !strings.Contains(shim.Stderr, "503") {
		t.Errorf("plain go: %d %s\nours: %d %s", plain.Code, plain.Stderr, shim.Code, shim.Stderr)
	}
}

// doctor knows what GOPROXY names.
func TestDoctor(t *testing.T) {
	s := newSite(t, 1)
	g := s.serve()
	env := []string{"GOPROXY=" + g.url + "/0"}
	if r := s.steady(env, "doctor"); !strings.Contains(r.Stdout, "a gateway serves "+g.url) {
		t.Errorf("%s%s", r.Stdout, r.Stderr)
	}
	g.kill()
	if _, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://")); err == nil {
		t.Skip("somebody else has the port by now")
	}
	if r := s.steady(env, "doctor"); !strings.Contains(r.Stdout, "does not run") || r.Code != 1 {
		t.Errorf("%d %s%s", r.Code, r.Stdout, r.Stderr)
	}
}
