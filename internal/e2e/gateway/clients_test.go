package gateway

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

// Fifty clients on a cold store cost the upstream one fetch of each file.
func TestManyClients(t *testing.T) {
	s := newSite(t, 12)
	s.check(s.proxy.Script("** delay=20ms slow"))
	g := s.serve()
	clients := 50
	if os.Getenv("GOSTEADY_TEST_SLOW") == "" {
		clients = 10
	}
	var all sync.WaitGroup
	for range clients {
		c := s.client(g.url + "/0")
		all.Go(func() { c.must("mod", "download", "all") })
	}
	all.Wait()
	if list := s.twice(); len(list) > 0 {
		t.Errorf("fetched more than once: %v", list)
	}
}

// All that was fetched still builds when the upstream is gone for good, through the
// gateway and from the store itself, and what was not fails with a reason.
func TestGoneForGood(t *testing.T) {
	s := newSite(t, 8)
	g := s.serve()
	first := s.client(g.url + "/0")
	first.must("build", "-o", os.DevNull, ".")
	sums, err := os.ReadFile(filepath.Join(first.dir, "go.sum"))
	s.check(err)
	s.proxy.Kill()
	g.kill() // not even in peace
	g = s.serve()
	for _, goproxy := range []string{g.url + "/0", "file://" + filepath.ToSlash(s.dir)} {
		c := s.client(goproxy)
		s.check(os.WriteFile(filepath.Join(c.dir, "go.sum"), sums, 0o666))
		c.must("build", "-o", os.DevNull, ".")
	}
	// Without go.sum the checksum database has the word, and is in the store as well.
	s.client("file://"+filepath.ToSlash(s.dir)).must("mod", "download", "example.com/m0@v1.0.0")
	r := s.client(g.url+"/0").run("mod", "download", "example.com/m0@v1.9.0")
	if r.Code == 0 || !strings.Contains(r.Stderr, "502 Bad Gateway") || !strings.Contains(r.Stderr, "refused") {
		t.Errorf("what was never fetched: %d %s", r.Code, r.Stderr)
	}
}

// A process that is killed while it stores leaves nothing that is served wrong.
func TestKilled(t *testing.T) {
	s := newSite(t, 30)
	rounds := 3
	if os.Getenv("GOSTEADY_TEST_SLOW") != "" {
		rounds = 20
	}
	for i := range rounds {
		g := s.serve()
		c := s.client(g.url + "/0")
		done := make(chan struct{})
		go func() { c.run("mod", "download", "all"); close(done) }()
		time.Sleep(time.Duration(i*13+20) * time.Millisecond) // anywhere in it
		g.kill()
		<-done
	}
	g := s.serve()
	s.client(g.url+"/0").must("mod", "download", "all")
	s.client(g.url+"/0").must("build", "-o", os.DevNull, ".")
	if left, err := filepath.Glob(filepath.Join(s.dir, ".gateway", "tmp", "*")); err != nil || len(left) != 1 {
		t.Errorf("temporary directories: %v, %v", left, err)
	}
}

// Two gateways on one store.
func TestTwoGateways(t *testing.T) {
	s := newSite(t, 12)
	a, b := s.serve(), s.serve()
	var all sync.WaitGroup
	for _, g := range []*standing{a, b, a, b} {
		c := s.client(g.url + "/0")
		all.Go(func() { c.must("mod", "download", "all") })
	}
	all.Wait()
	s.proxy.Kill()
	for _, g := range []*standing{a, b} {
		s.client(g.url+"/0", "GONOSUMDB=*").must("mod", "download", "example.com/m0@v1.0.0")
	}
}

// A file that is not the one in the checksum database reaches nobody, and the journal has
// it.
func TestWrongContent(t *testing.T) {
	s := newSite(t, 3)
	s.db.Lie("example.com/m1", "v1.0.0")
	g := s.serve()
	c := s.client(g.url + "/0")
	r := c.run("mod", "download", "all")
	if r.Code == 0 || !strings.Contains(r.Stderr, "checksum mismatch") || strings.Contains(r.Stderr, "SECURITY ERROR") {
		t.Errorf("%d %s", r.Code, r.Stderr)
	}
	if _, body := g.get("/metrics"); !strings.Contains(body, "gosteady_gateway_mismatches_total ") || strings.Contains(body, "gosteady_gateway_mismatches_total 0") {
		t.Errorf("the metrics do not tell:\n%s", body)
	}
	if err := g.stop(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	last := modtest.Run(t, t.TempDir(), s.env, modtest.Executable(bin, "gosteady"), "last")
	if !strings.Contains(last.Stdout, "example.com/m1") || !strings.Contains(last.Stdout, "checksum") {
		t.Errorf("last: %s%s", last.Stdout, last.Stderr)
	}
	if files, _ := filepath.Glob(filepath.Join(s.dir, "example.com", "m1", "@v", "*.mod")); len(files) > 0 {
		t.Errorf("stored: %v", files)
	}
}

// What the gateway says to go is what go needs: that a version does not exist, and where
// else to look.
func TestMissing(t *testing.T) {
	s := newSite(t, 2)
	g := s.serve()
	r := s.client(g.url+"/0").run("mod", "download", "example.com/m0@v9.9.9")
	if r.Code == 0 || !strings.Contains(r.Stderr, "404 Not Found") {
		t.Errorf("%d %s", r.Code, r.Stderr)
	}
	s.client(g.url+"/0").must("list", "-m", "-versions", "example.com/m0")
	r = s.client(g.url+"/0", "GONOSUMDB=*").must("list", "-m", "example.com/m1@latest")
	if !strings.Contains(r.Stdout, "v1.0.0") {
		t.Errorf("%s", r.Stdout)
	}
}
