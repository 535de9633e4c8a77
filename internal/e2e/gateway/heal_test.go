package gateway

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

// What the relay heals for one command, the gateway heals for plain go.
func TestHeals(t *testing.T) {
	for name, rules := range map[string]string{
		"cut bodies":        "**.zip each first=1 cut\n**.mod each first=1 cut",
		"resets":            "** each first=1 reset after=0",
		"503":               "** each first=1 status=503",
		"429":               "**.zip each first=1 status=429 retry-after=1",
		"a portal":          "** each first=1 html",
		"damage on the way": "**.zip first=3 flip=any",
		"wrong file":        "**m1/@v/v1.0.0.mod first=1 instead=/example.com/m0/@v/v1.0.0.mod",
		"the database":      "/sumdb/** each first=1 status=500",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, 6)
			s.check(s.proxy.Script(rules))
			g := s.serve()
			s.client(g.url+"/0").must("build", "-o", os.DevNull, ".")
		})
	}
}

// A body that broke off is resumed, if the checksum database judges what comes of it.
func TestResumes(t *testing.T) {
	for _, tt := range []struct {
		nosumdb string
		want    bool
	}{{"", true}, {"example.com/*", false}} {
		s := newSite(t, 2)
		s.env = append(s.env, "GONOSUMDB="+tt.nosumdb)
		s.check(s.proxy.Script("**.zip each first=1 cut"))
		g := s.serve()
		if status, _ := g.get("/0/example.com/m0/@v/v1.0.0.zip"); status != 200 {
			t.Errorf("%q: %d", tt.nosumdb, status)
		}
		s.check(g.stop())
		last := modtest.Run(t, t.TempDir(), s.env, modtest.Executable(bin, "gosteady"), "last", "--json")
		if !strings.Contains(last.Stdout, "truncated") || strings.Contains(last.Stdout, `"resume"`) != tt.want {
			t.Errorf("%q: %s%s", tt.nosumdb, last.Stdout, last.Stderr)
		}
	}
}

// An outage is waited for, and what is stored is served meanwhile.
func TestOutage(t *testing.T) {
	length := 3 * time.Second
	if os.Getenv("GOSTEADY_TEST_SLOW") != "" {
		length = 20 * time.Second
	}
	s := newSite(t, 8)
	g := s.serve()
	s.client(g.url+"/0").must("mod", "download", "example.com/m7@v1.0.0")
	s.proxy.Kill()
	done := make(chan bool)
	c := s.client(g.url + "/0")
	go func() { done <- c.must("mod", "download", "all").Code == 0 }()
	began := time.Now()
	s.client(g.url+"/0").must("mod", "download", "example.com/m7@v1.0.0")
	if took := time.Since(began); took > length/2 && length > 10*time.Second {
		t.Errorf("what is stored took %v", took)
	}
	time.Sleep(length - time.Since(began))
	s.check(s.proxy.Listen())
	<-done
}

// A list that lags behind is served as it is, and a new version is seen after a minute;
// by who says no-cache, at once.
func TestLaggingList(t *testing.T) {
	s := newSite(t, 1)
	s.check(s.store.Add("example.com/m0", "v1.1.0", nil))
	s.check(s.proxy.Script("**/list first=1 drop=v1.1.0"))
	g := s.serve()
	versions := func() string {
		return s.client(g.url+"/0").must("list", "-m", "-versions", "example.com/m0").Stdout
	}
	if got := versions(); strings.Contains(got, "v1.1.0") {
		t.Errorf("%s", got)
	}
	if status, body := g.get("/0/example.com/m0/@v/v1.1.0.info"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
}

// What fails for good fails with the upstream's own words, and the journal has it.
func TestStaysFailure(t *testing.T) {
	s := newSite(t, 2)
	s.env = append(s.env, "GOSTEADY_RETRY_WAITS=1ms", "GOSTEADY_RETRY_ATTEMPTS=2")
	s.check(s.proxy.Script("**m1/** status=403 body='blocked by policy' type=text/plain\n**.zip status=500"))
	g := s.serve()
	r := s.client(g.url+"/0").run("mod", "download", "example.com/m1@v1.0.0")
	if r.Code == 0 || !strings.Contains(r.Stderr, "403 Forbidden") || !strings.Contains(r.Stderr, "blocked by policy") {
		t.Errorf("%s", r.Stderr)
	}
	r = s.client(g.url+"/0").run("mod", "download", "example.com/m0@v1.0.0")
	if r.Code == 0 || !strings.Contains(r.Stderr, "500") {
		t.Errorf("%s", r.Stderr)
	}
	if err := g.stop(); err != nil {
		t.Error(err)
	}
	last := modtest.Run(t, t.TempDir(), s.env, modtest.Executable(bin, "gosteady"), "last")
	if !strings.Contains(last.Stdout, "go steady serve") || !strings.Contains(last.Stdout, "server-error") {
		t.Errorf("last: %s%s", last.Stdout, last.Stderr)
	}
}
