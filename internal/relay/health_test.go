package relay

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/upstream"
	"github.com/gosteady/gosteady/policy"
)

// TestHealthAcrossInvocations: the next command lets one request probe, and
// asks a dead upstream less patiently.
func TestHealthAcrossInvocations(t *testing.T) {
	state := t.TempDir()
	store := helloStore(t)
	p := fault(t, store, "** status=500")
	run := func(after time.Duration) int {
		p.Forget()
		b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) { c.State = state; c.Policy.Breaker.Failures = 1 })
		b.clock.Advance(after)
		b.get(0, hello+"/@v/v1.0.0.info")
		b.relay.Close()
		return p.Count("**")
	}
	equal(t, "first", run(0), 5)
	equal(t, "second", run(20*time.Second), 2)
	data, err := os.ReadFile(filepath.Join(state, "health.json"))
	if err != nil || !strings.Contains(string(data), p.URL()) {
		t.Errorf("%s %v", data, err)
	}
	p.Script("")
	equal(t, "well again", run(30*time.Second), 1)
	data, _ = os.ReadFile(filepath.Join(state, "health.json"))
	if strings.Contains(string(data), p.URL()) {
		t.Errorf("still blamed: %s", data)
	}
}

// TestOfflineFound: nobody answered, and nobody was asked of whom the relay hears
// nothing.
func TestOfflineFound(t *testing.T) {
	store := helloStore(t)
	up := fault(t, store, "").URL()
	const dead = "http://127.0.0.1:1"
	for _, tt := range []struct {
		list string
		ask  []int
		want bool
	}{
		{dead, nil, false},
		{dead, []int{0}, true},
		{dead + ",direct", []int{0}, true},
		{dead + "|direct", []int{0}, false},
		{dead + "," + up, []int{0}, true},
		{dead + "," + up, []int{0, 1}, false},
		{up, []int{0}, false},
	} {
		b := open(t, tt.list, knowing(sums(t, store)))
		for _, i := range tt.ask {
			b.get(i, hello+"/@v/v1.0.0.info")
		}
		equal(t, fmt.Sprint(tt.list, tt.ask), b.relay.Offline(), tt.want)
	}
}

// TestMirror: with a mirror in the policy, a checksum database that fails is
// replaced by it, and its own name stays in what go prints.
func TestMirror(t *testing.T) {
	store := helloStore(t)
	db, err := store.SumDB("sum.golang.org")
	if err != nil {
		t.Fatal(err)
	}
	lookup := "lookup/" + hello + "@v1.0.0"
	for _, tt := range []struct {
		name, fault string
		private     bool
		want        int
		mirrored    bool
	}{
		{"the proxy carries it", "", false, 200, false},
		{"the proxy's lookups fail", "**/lookup/** status=500", false, 200, true},
		{"missing is an answer", "**/lookup/** status=404", false, 404, false},
		{"a private module", "**/lookup/** status=500", true, 500, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			carrier, mirror := fault(t, store, tt.fault), fault(t, store, "")
			b := open(t, carrier.URL(), func(c *Config) {
				c.Policy.SumDB = []string{mirror.URL()}
				if tt.private {
					c.Environ = append(c.Environ, "GOPRIVATE=example.com", "GONOPROXY=none", "GONOSUMDB=none")
				}
			})
			setting := modtest.Getenv(b.relay.Env(), "GOSUMDB")
			name, base, _ := strings.Cut(setting, " ")
			equal(t, "name", name, db.Name)
			res, err := b.client.Get(base + "/" + lookup)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			equal(t, "status", res.StatusCode, tt.want)
			equal(t, "mirrored", mirror.Count("**/lookup/**") > 0, tt.mirrored)
			line := string(b.relay.Rewriter(false).Rewrite([]byte("reading " + base + "/" + lookup + ": 404 Not Found")))
			equal(t, "words", line, "reading "+carrier.URL()+"/sumdb/"+db.Name+"/"+lookup+": 404 Not Found")
		})
	}
}

// TestMirrorOnlyForKnownDatabases: a user's own choice stays.
func TestMirrorOnlyForKnownDatabases(t *testing.T) {
	for _, setting := range []string{"off", "sum.golang.org https://own.example", "own.example+1234+abcd", "sum.golang.google.cn"} {
		b := open(t, "https://proxy.golang.org", func(c *Config) {
			c.Environ = append(c.Environ, "GOSUMDB="+setting)
			c.Policy = policy.Default()
			c.Policy.SumDB = []string{"https://sum.golang.google.cn"}
		})
		if env := strings.Join(b.relay.Env(), " "); strings.Contains(env, "GOSUMDB") {
			t.Errorf("%q: %s", setting, env)
		}
	}
}

// TestDeadFirstUpstream: one deadline, not one a request.
func TestDeadFirstUpstream(t *testing.T) {
	store := helloStore(t)
	hole, good := fault(t, store, "** hang"), fault(t, store, "")
	b := open(t, hole.URL()+"|"+good.URL(), knowing(sums(t, store)), func(c *Config) {
		c.Policy.Timeouts.FirstByte = 300 * time.Millisecond
		c.Policy.Hedge = 0
	})
	begun := time.Now()
	for range 10 {
		if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 502 {
			t.Error(g.text)
		}
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("ten requests took %s", took)
	}
}

// TestSumDBDirect: behind "A|direct" a lookup that A fails is asked of the
// database itself, where go would have asked had it known.
func TestSumDBDirect(t *testing.T) {
	store := helloStore(t)
	db, err := store.SumDB("sum.example")
	if err != nil {
		t.Fatal(err)
	}
	carrier := fault(t, store, "**/lookup/** status=500")
	itself := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/sumdb/" + db.Name + r.URL.Path
		store.ServeHTTP(w, r)
	}))
	defer itself.Close()
	b := open(t, carrier.URL()+"|direct", func(c *Config) {
		c.TLS = &tls.Config{InsecureSkipVerify: true} // the test's server has another name
		c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if addr == "sum.example:443" {
				addr = itself.Listener.Addr().String()
			}
			return loopback(ctx, network, addr)
		}
	})
	if g := b.get(0, "sumdb/"+db.Name+"/lookup/"+hello+"@v1.0.0"); g.code != 200 {
		t.Error(b.words(g))
	}
	equal(t, "healed", b.healed(), "[sumdb-unreachable rotate lookup]")
}

// TestProgress: while a question waits, its item is named.
func TestProgress(t *testing.T) {
	p := fault(t, helloStore(t), "**.info first=1 status=500")
	var seen Progress
	var b *bench
	b = open(t, p.URL(), func(c *Config) { c.Clock = watchingClock{c.Clock, func() { seen = b.relay.Progress() }} })
	b.get(0, hello+"/@v/v1.0.0.info")
	equal(t, "while waiting", seen.Waiting, "example.com/hello@v1.0.0 (server-error)")
	equal(t, "afterwards", b.relay.Progress().Waiting, "")
}

type watchingClock struct {
	upstream.Clock
	look func()
}

func (c watchingClock) Pause(d time.Duration) time.Duration {
	c.look()
	return c.Clock.Pause(d)
}
