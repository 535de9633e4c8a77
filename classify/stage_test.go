package classify

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A stage is a module, a module proxy that misbehaves, and a go command with
// nothing but them.
type stage struct {
	t      *testing.T
	dir    string
	server *httptest.Server
	env    []string
	fault  func(w http.ResponseWriter, r *http.Request) bool // answers in place of the proxy
}

func newStage(t *testing.T, overTLS bool) *stage {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	s := &stage{t: t, dir: t.TempDir()}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.server.EnableHTTP2 = overTLS
	if overTLS {
		s.server.StartTLS()
	} else {
		s.server.Start()
	}
	t.Cleanup(s.server.Close)
	s.write("go.mod", "module example.org/app\n\ngo 1.21\n\nrequire example.com/lib v1.0.0\n")
	s.write("main.go", "package main\n\nimport _ \"example.com/lib\"\n\nfunc main() {}\n")
	s.write(".config/go/telemetry/mode", "off") // else it writes there while we clean up
	tmp := t.TempDir()                          // not above go.mod, which go would ignore
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "TMPDIR=" + tmp, "TMP=" + tmp, "GOENV=off", "GOTOOLCHAIN=local", "GOWORK=off",
		"GOMODCACHE=" + filepath.Join(s.dir, "go/pkg/mod"), "GOCACHE=" + buildCache(), "GOFLAGS=-mod=mod -modcacherw",
		"GOSUMDB=off", "USERPROFILE=" + s.dir, "GOPROXY=" + s.server.URL, "GIT_CONFIG_NOSYSTEM=1", "NO_PROXY=", "SystemRoot=" + os.Getenv("SystemRoot"),
	}
	return s
}

// buildCache is the one in use outside: an empty one would cost seconds a stage.
var buildCache = sync.OnceValue(func() string {
	out, _ := exec.Command("go", "env", "GOCACHE").Output()
	return strings.TrimSpace(string(out))
})

func (s *stage) write(name, text string) {
	s.t.Helper()
	name = filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		s.t.Fatal(err)
	}
}

// serve is a module proxy with example.com/lib v1.0.0.
func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	if s.fault != nil && s.fault(w, r) {
		return
	}
	switch r.URL.Path {
	case "/example.com/lib/@v/list":
		io.WriteString(w, "v1.0.0\n")
	case "/example.com/lib/@v/v1.0.0.info":
		io.WriteString(w, `{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}`)
	case "/example.com/lib/@v/v1.0.0.mod":
		io.WriteString(w, "module example.com/lib\n")
	case "/example.com/lib/@v/v1.0.0.zip":
		w.Write(libZip())
	default:
		http.Error(w, "not found: no such module here", http.StatusNotFound)
	}
}

func libZip() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"go.mod": "module example.com/lib\n", "lib.go": "package lib\n"} {
		w, _ := z.Create("example.com/lib@v1.0.0/" + name)
		io.WriteString(w, text)
	}
	z.Close()
	return b.Bytes()
}

// run runs go and returns its output, which has to be a failure's.
func (s *stage) run(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	if err == nil {
		s.t.Fatalf("go %v succeeded:\n%s", args, out)
	}
	return string(out)
}

func (s *stage) set(env ...string) { s.env = append(s.env, env...) }

// at answers requests whose path ends so with a status and a body.
func at(suffix string, status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, suffix) {
			return false
		}
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		io.WriteString(w, body)
		return true
	}
}

// cut closes the connection: at once, or in the middle of the body, with a
// reset or in good order.
func cut(suffix string, body, reset bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, suffix) {
			return false
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if body {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nPK\x03\x04")
		}
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			tcp.SetLinger(0)
		}
		conn.Close()
		return true
	}
}

const page = "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n"
