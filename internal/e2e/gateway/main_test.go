package gateway

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/steady"
	"github.com/gosteady/gosteady/shim"
)

// bin has the built gosteady.
var bin string

func TestMain(m *testing.M) { os.Exit(modtest.WithBuilt(m, &bin, shim.Run, steady.Main)) }

// A site has a proxy with modules and a checksum database, and a directory for a gateway.
type site struct {
	t       *testing.T
	store   *faultproxy.Store
	proxy   *faultproxy.Proxy
	db      *faultproxy.SumDB
	env     []string // of gateways
	dir     string   // of the store
	modules int
}

// newSite makes so many modules; each requires the next.
func newSite(t *testing.T, modules int) *site {
	s := &site{t: t, store: faultproxy.NewStore(), dir: filepath.Join(t.TempDir(), "store"), modules: modules}
	for i := range modules {
		mod := fmt.Sprintf("module example.com/m%d\n\ngo 1.16\n", i) // an unpruned graph: all of it is asked for
		code := fmt.Sprintf("package m%d\n", i)
		if i+1 < modules {
			mod += fmt.Sprintf("\nrequire example.com/m%d v1.0.0\n", i+1)
			code += fmt.Sprintf("\nimport _ \"example.com/m%d\"\n", i+1)
		}
		s.check(s.store.Add(fmt.Sprintf("example.com/m%d", i), "v1.0.0", map[string]string{"go.mod": mod, "m.go": code}))
	}
	var err error
	s.db, err = s.store.SumDB("localhost/sum")
	s.check(err)
	s.proxy = modtest.Proxy(t, faultproxy.Config{Content: s.store})
	s.env = modtest.Env(t, "GOPROXY="+s.proxy.URL(), "GOSUMDB="+s.db.Key)
	return s
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// A standing is a gateway that runs.
type standing struct {
	t   *testing.T
	cmd *exec.Cmd
	url string

	mu  sync.Mutex
	log strings.Builder
	end chan error
}

// serve starts a gateway. Its log is shown if the test fails.
func (s *site) serve(args ...string) *standing {
	s.t.Helper()
	return start(s.t, s.env, append([]string{"--store", s.dir}, args...)...)
}

func start(t *testing.T, env []string, args ...string) *standing {
	t.Helper()
	if !strings.Contains(strings.Join(args, " "), "--listen") {
		args = append(args, "--listen", "127.0.0.1:0")
	}
	g := &standing{t: t, end: make(chan error, 1)}
	g.cmd = exec.Command(modtest.Executable(bin, "gosteady"), append([]string{"serve"}, args...)...)
	g.cmd.Env = env
	out, err := g.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go g.read(out, ready)
	select {
	case g.url = <-ready:
	case <-time.After(time.Minute):
	}
	if g.url == "" {
		t.Fatalf("the gateway does not start:\n%s", g.said())
	}
	t.Cleanup(func() {
		g.kill()
		if t.Failed() {
			t.Logf("the gateway's log:\n%s", g.said())
		}
	})
	return g
}

// read keeps the log, and finds the address in it.
func (g *standing) read(out io.Reader, ready chan<- string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		g.mu.Lock()
		fmt.Fprintln(&g.log, lines.Text())
		g.mu.Unlock()
		if _, rest, ok := strings.Cut(lines.Text(), "gosteady: serving "); ok {
			url, _, _ := strings.Cut(rest, " ")
			ready <- url
		}
	}
	close(ready)
	err := g.cmd.Wait()
	g.mu.Lock()
	fmt.Fprintln(&g.log, "it ended:", err)
	g.mu.Unlock()
	g.end <- err
	close(g.end)
}

func (g *standing) said() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.log.String()
}

// kill is SIGKILL.
func (g *standing) kill() {
	g.cmd.Process.Kill()
	<-g.end
}

// stop is SIGTERM, and reports how it ended.
func (g *standing) stop() error {
	g.t.Helper()
	if runtime.GOOS == "windows" {
		g.t.Skip("no SIGTERM")
	}
	g.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-g.end:
		return err
	case <-time.After(time.Minute):
		g.t.Fatal("the gateway does not end")
		return nil
	}
}

func (g *standing) get(path string) (status int, body string) {
	g.t.Helper()
	res, err := http.Get(g.url + path)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// A client is a machine with a module of its own and an empty module cache.
type client struct {
	t   *testing.T
	dir string
	env []string
}

// client uses a GOPROXY.
func (s *site) client(goproxy string, extra ...string) *client {
	dir := modtest.Files(s.t, map[string]string{
		"go.mod":  "module client\n\ngo 1.21\n\nrequire example.com/m0 v1.0.0\n",
		"main.go": "package main\n\nimport _ \"example.com/m0\"\n\nfunc main() {}\n",
	})
	env := modtest.Env(s.t, append([]string{"GOPROXY=" + goproxy, "GOSUMDB=" + s.db.Key, "GOFLAGS=-modcacherw -mod=mod"}, extra...)...)
	return &client{s.t, dir, env}
}

func (c *client) run(args ...string) modtest.Result {
	c.t.Helper()
	return modtest.Run(c.t, c.dir, c.env, modtest.RealGo(c.t), args...)
}

// must succeeds.
func (c *client) must(args ...string) modtest.Result {
	c.t.Helper()
	r := c.run(args...)
	if r.Code != 0 {
		c.t.Errorf("go %s: %d\n%s%s", strings.Join(args, " "), r.Code, r.Stdout, r.Stderr)
	}
	return r
}

// twice are the paths that the upstream was asked for more than once.
func (s *site) twice() (list []string) {
	n := make(map[string]int)
	for _, r := range s.proxy.Requests() {
		if n[r.Path]++; n[r.Path] == 2 {
			list = append(list, r.Path)
		}
	}
	return list
}
