package gateway

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestServes(t *testing.T) {
	m := start(t, nil)
	for path, want := range map[string]string{
		"/0/example.com/hello/@v/list":        "v1.0.0\nv1.1.0\nv1.2.0\n",
		"/0/example.com/hello/@latest":        `"v1.2.0"`,
		"/0/example.com/hello/@v/v1.0.0.info": `"v1.0.0"`,
		"/0/example.com/hello/@v/v1.0.0.mod":  "module example.com/hello",
		"/0/example.com/hello/@v/v1.0.0.zip":  "PK\x03\x04",
		"/healthz":                            "ok\n",
		"/readyz":                             "ok\n",
		"/metrics":                            "gosteady_gateway_requests_total",
	} {
		for range 2 {
			if a := m.get(path); a.status != http.StatusOK || !strings.Contains(a.body, want) || a.header.Get("Content-Encoding") != "" {
				t.Errorf("%s: %d %.200q %v", path, a.status, a.body, a.header)
			}
		}
	}
	for path, want := range map[string]int{
		"/0/example.com/hello/@v/v9.0.0.info": 404, "/1/example.com/hello/@v/list": 404, "/": 404, "/00/x/@v/list": 404,
		"/0/api/security": 404, "/0/../../etc/passwd": 404, "/0/example.com/other/@latest": 404,
	} {
		if a := m.get(path); a.status != want || a.body == "" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %q, want %d", path, a.status, a.body, want)
		}
	}
	m.settle()
	for _, path := range []string{"/example.com/hello/@v/list", "/example.com/hello/@v/v1.0.0.zip", "/example.com/hello/@v/v1.0.0.mod"} {
		if n := m.proxy.Count(path); n != 1 {
			t.Errorf("the upstream was asked %d times for %s", n, path)
		}
	}
}

// An .info brings the .mod and the .zip, so that they are there when they are asked for.
func TestReadsAhead(t *testing.T) {
	m := start(t, nil)
	m.get("/0/example.com/hello/@v/v1.0.0.info")
	m.settle()
	m.proxy.Kill()
	for _, file := range []string{"info", "mod", "zip"} {
		if a := m.get("/0/example.com/hello/@v/v1.0.0." + file); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", file, a.status, a.body)
		}
	}
}

// What was fetched is served for ever: also by a later process, when the upstream has
// lost it, or is gone.
func TestForEver(t *testing.T) {
	m := start(t, nil)
	m.get("/0/example.com/hello/@v/v1.0.0.info")
	m.get("/0/example.com/hello/@v/list")
	m.settle()
	for _, gone := range []string{"** status=404", "** status=410", "** status=500", ""} {
		if gone == "" {
			m.proxy.Kill()
		} else if err := m.proxy.Script(gone); err != nil {
			t.Fatal(err)
		}
		m.restart()
		m.later(time.Hour)
		for _, file := range []string{"info", "mod", "zip"} {
			if a := m.get("/0/example.com/hello/@v/v1.0.0." + file); a.status != http.StatusOK {
				t.Errorf("%s: %s: %d %s", gone, file, a.status, a.body)
			}
		}
	}
	if a := m.get("/0/example.com/hello/@v/v1.2.0.info"); a.status != http.StatusBadGateway || !strings.Contains(a.body, "refused") {
		t.Errorf("what was not fetched: %d %s", a.status, a.body)
	}
}

func TestPerishable(t *testing.T) {
	m := start(t, nil)
	const list, branch = "/0/example.com/hello/@v/list", "/0/example.com/hello/@v/main.info"
	if a := m.get(list); a.header.Get("Age") != "" {
		t.Errorf("a fresh answer: %v", a.header)
	}
	m.settle()
	m.later(30 * time.Second)
	if a := m.get(list); a.header.Get("Age") != "30" || a.header.Get("Warning") != "" {
		t.Errorf("after half a minute: %v", a.header)
	}
	if n := m.proxy.Count("**/list"); n != 1 {
		t.Errorf("asked %d times within a minute", n)
	}
	m.get(list, "Cache-Control", "no-cache")
	m.settle()
	if n := m.proxy.Count("**/list"); n != 2 {
		t.Errorf("asked %d times by who doubts it", n)
	}
	m.store.Add(hello, "v1.3.0", nil)
	m.later(61 * time.Second)
	if a := m.get(list); !strings.Contains(a.body, "v1.3.0") {
		t.Errorf("after a minute: %q", a.body)
	}
	m.settle()
	m.proxy.Script("** status=503")
	m.later(time.Hour)
	for range 2 { // the second one does not wait
		a := m.get(list)
		if a.status != http.StatusOK || a.header.Get("Age") != "3600" || !strings.HasPrefix(a.header.Get("Warning"), "110 ") {
			t.Errorf("while the upstream is down: %d %v", a.status, a.header)
		}
	}
	if a := m.get(branch); a.status != http.StatusServiceUnavailable {
		t.Errorf("what was never answered: %d %s", a.status, a.body)
	}
	m.settle()
	m.proxy.Script("** status=404")
	if a := m.get(list); a.status == http.StatusOK && a.header.Get("Warning") == "" {
		t.Errorf("after the upstream's 404: %d", a.status)
	}
}

// While the upstream hangs, what is older is given after a moment.
func TestHangs(t *testing.T) {
	m := start(t, nil)
	m.get("/0/example.com/hello/@latest")
	m.settle()
	m.later(time.Hour)
	m.plan.Load().endpoints[0].downUntil.Store(m.clock().Add(time.Minute).UnixNano())
	m.proxy.Script("** hang")
	defer m.proxy.Script("")
	began := time.Now()
	if a := m.get("/0/example.com/hello/@latest"); a.status != http.StatusOK || a.header.Get("Warning") == "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if took := time.Since(began); took > staleAfter {
		t.Errorf("it took %v", took)
	}
	m.proxy.Close()
}

// Fifty clients on a cold store cost the upstream one fetch of each file.
func TestSingleFlight(t *testing.T) {
	m := start(t, nil)
	m.proxy.Script("** delay=50ms slow")
	var clients sync.WaitGroup
	for range 50 {
		clients.Go(func() {
			for _, file := range []string{"list", "v1.0.0.info", "v1.0.0.mod", "v1.0.0.zip", "v1.1.0.zip"} {
				if a := m.get("/0/example.com/hello/@v/" + file); a.status != http.StatusOK {
					t.Errorf("%s: %d %s", file, a.status, a.body)
				}
			}
		})
	}
	clients.Wait()
	m.settle()
	seen := make(map[string]int)
	for _, r := range m.proxy.Requests() {
		seen[r.Path]++
	}
	for path, n := range seen {
		if n > 1 {
			t.Errorf("%s was fetched %d times", path, n)
		}
	}
}

// A mismatch is never stored and never served.
func TestMismatch(t *testing.T) {
	m := start(t, nil)
	db, _ := m.store.SumDB("localhost/sum")
	db.Lie(hello, "v1.1.0")
	for _, file := range []string{"mod", "zip"} {
		a := m.get("/0/example.com/hello/@v/v1.1.0." + file)
		if a.status != http.StatusBadGateway || !strings.Contains(a.body, "checksum mismatch") || !strings.Contains(a.body, hello+"@v1.1.0") {
			t.Errorf("%s: %d %s", file, a.status, a.body)
		}
	}
	m.settle()
	for _, file := range []string{"mod", "zip"} {
		if _, err := os.Stat(filepath.Join(m.dir, "example.com/hello/@v/v1.1.0."+file)); err == nil {
			t.Errorf("the %s was stored", file)
		}
	}
	if !m.metric("gosteady_gateway_mismatches_total 2") && !m.metric("gosteady_gateway_mismatches_total 3") {
		t.Error(m.get("/metrics").body)
	}
	if !strings.Contains(m.log.String(), "is not what it should be") {
		t.Error("nothing is logged")
	}
}

// Damage on the way is not what a server stores: the file is fetched again.
func TestDamageOnTheWay(t *testing.T) {
	m := start(t, nil)
	m.proxy.Script("**.mod first=1 instead=/example.com/hello/@v/v1.1.0.mod\n**.zip first=2 flip=any")
	m.store.Add("example.com/other", "v1.0.0", map[string]string{"go.mod": "module example.com/other\n// other\n"})
	m.proxy.Script("**v1.0.0.mod first=1 instead=/example.com/hello/@v/v1.1.0.mod\n**.zip first=2 flip=any")
	for _, file := range []string{"mod", "zip"} {
		if a := m.get("/0/example.com/other/@v/v1.0.0." + file); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", file, a.status, a.body)
		}
	}
}

// What nobody can vouch for is passed on and not stored, unless a pattern says so.
func TestUnverified(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*machine)
		stored bool
	}{
		{"GONOSUMDB", func(m *machine) { m.config.Rules.NoSumDB = "example.com/*" }, false},
		{"GOSUMDB=off", func(m *machine) { m.config.Rules.SumDB = "off" }, false},
		{"no record", func(m *machine) {
			db, _ := m.store.SumDB("")
			db.Miss(hello, "v1.0.0", true)
		}, false},
		{"the database fails", func(m *machine) { m.proxy.Script("/sumdb/** status=500") }, false},
		{"a pattern", func(m *machine) {
			m.config.Rules.SumDB, m.config.Rules.StoreUnverified = "off", []string{"other.com", "example.com/*"}
		}, true},
		{"all", func(m *machine) { m.config.Rules.SumDB, m.config.Rules.StoreUnverified = "off", []string{"*"} }, true},
	} {
		m := start(t, tt.change)
		for _, file := range []string{"info", "mod", "zip"} {
			if a := m.get("/0/example.com/hello/@v/v1.0.0." + file); a.status != http.StatusOK {
				t.Errorf("%s: %s: %d %s", tt.name, file, a.status, a.body)
			}
		}
		m.settle()
		for _, file := range []string{"info", "mod", "zip"} {
			_, err := os.Stat(filepath.Join(m.dir, "example.com/hello/@v/v1.0.0."+file))
			if stored := err == nil; stored != tt.stored {
				t.Errorf("%s: %s: stored=%v", tt.name, file, stored)
			}
		}
		m.stop()
	}
}

// What came unverified from one upstream is not given to the clients of another.
func TestUpstreamsApart(t *testing.T) {
	m := start(t, func(m *machine) {
		other := strings.Replace(m.proxy.URL(), "127.0.0.1", "localhost", 1)
		m.config.Upstreams = parse(t, m.proxy.URL()+","+other)
		m.config.Rules.SumDB, m.config.Rules.StoreUnverified = "off", []string{"*"}
	})
	m.get("/1/example.com/hello/@v/v1.0.0.info")
	m.settle()
	m.proxy.Script("** status=404")
	if a, b := m.get("/0/example.com/hello/@v/v1.0.0.zip").status, m.get("/1/example.com/hello/@v/v1.0.0.zip").status; a != 404 || b != 200 {
		t.Errorf("unverified: %d and %d", a, b)
	}
}

// The checksum database behind the proxy is served, and what was proved for ever.
func TestDatabase(t *testing.T) {
	m := start(t, nil)
	const lookup = "/0/sumdb/localhost/sum/lookup/example.com/hello@v1.0.0"
	for path, want := range map[string]string{
		"/0/sumdb/localhost/sum/supported": "", "/0/sumdb/localhost/sum/latest": "go.sum database tree", lookup: "example.com/hello v1.0.0 h1:",
	} {
		if a := m.get(path); a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	m.get("/0/example.com/hello/@v/v1.0.0.zip")
	m.settle()
	m.proxy.Kill()
	m.restart()
	if a := m.get(lookup); a.status != 200 || a.header.Get("Warning") != "" {
		t.Errorf("the record, without the upstream: %d %v", a.status, a.header)
	}
	if a := m.get("/0/sumdb/other.example/supported"); a.status != 502 {
		t.Errorf("of another database: %d", a.status)
	}
	for _, file := range []string{"supported", "lookup/example.com/hello@v1.0.0"} {
		if _, err := os.Stat(filepath.Join(m.dir, "sumdb/localhost/sum", filepath.FromSlash(file))); err != nil {
			t.Errorf("GOPROXY=file:// has no %s", file)
		}
	}
}

// Settings are read again while requests come.
func TestReload(t *testing.T) {
	m := start(t, nil)
	m.config.Rules.NoProxy = "example.com/*"
	if err := m.Reload(m.config); err != nil {
		t.Fatal(err)
	}
	if a := m.get("/0/example.com/hello/@v/list"); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	bad := m.config
	bad.Rules.SumDB = "no such"
	if err := m.Reload(bad); err == nil {
		t.Error("a bad setting is taken")
	}
	if a := m.get("/healthz"); a.status != 200 {
		t.Errorf("%d", a.status)
	}
}

// A lookup names a module. Whoever carries the checksum database is asked for the record
// of a version when its file is here, and ahead of that only if it is the upstream itself,
// which knows the name already.
func TestNothingIsLookedUpInVain(t *testing.T) {
	for name, fixed := range map[string]bool{"the database at its own address": true, "the upstream": false} {
		m := start(t, func(m *machine) {
			if fixed {
				m.config.Rules.SumDB += " " + m.proxy.URL() + "/sumdb/localhost/sum"
			}
		})
		m.proxy.Script("**.info delay=100ms status=404")
		for i := range 5 {
			if a := m.get(fmt.Sprintf("/0/example.com/secret%d/@v/v1.0.0.info", i)); a.status != http.StatusNotFound {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		m.settle()
		if n := m.proxy.Count("/sumdb/**/lookup/example.com/secret*"); fixed && n > 0 {
			t.Errorf("%s was asked %d times for what nobody has", name, n)
		}
		m.proxy.Script("")
		if a := m.get("/0/example.com/hello/@v/v1.0.0.zip"); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// A client that goes while the upstream is asked says nothing of the upstream.
func TestClientGone(t *testing.T) {
	m := start(t, nil)
	const list = "/0/example.com/hello/@v/list"
	m.get(list)
	m.settle()
	m.later(time.Hour)
	m.proxy.Script("**/list slow delay=200ms")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, m.server.URL+list, nil)
	if res, err := http.DefaultClient.Do(req); err == nil {
		res.Body.Close()
		t.Fatal("the client has not gone")
	}
	for range 1000 {
		if m.counts.inFlight.Load() == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if until := m.plan.Load().endpoints[0].downUntil.Load(); until != 0 {
		t.Errorf("the upstream is down until %v", time.Unix(0, until))
	}
}
