package relay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/upstream"
)

// TestHeal meets each failure of the field once, on one file, and gets it.
func TestHeal(t *testing.T) {
	const zip, mod, info, list = "@v/v1.0.0.zip", "@v/v1.0.0.mod", "@v/v1.0.0.info", "@v/list"
	for _, tt := range []struct {
		name, file, fault string
		want              string // class, action and file of what was healed
	}{
		{"reset in a zip", zip, "first=1 reset after=100", "reset resume zip"},
		{"reset before a header", info, "first=1 reset after=0", "reset retry info"},
		{"cut zip", zip, "first=1 cut", "truncated resume zip"},
		{"cut chunked zip", zip, "first=1 cut-chunked", "truncated resume zip"},
		{"zip that ends early", zip, "first=1 cut-silent", "bad-content retry zip"},
		{"twice cut", zip, "first=2 cut", "truncated resume zip"},
		{"flipped byte in a zip", zip, "first=1 flip", "bad-content retry zip"},
		{"flipped byte in a go.mod", mod, "first=1 flip", "checksum retry mod"},
		{"503", info, "first=1 status=503", "server-error retry info"},
		{"500 three times", mod, "first=3 status=500", "server-error retry mod"},
		{"429", info, "first=1 status=429 retry-after=7", "rate-limited retry info"},
		{"a portal as info", info, "first=1 html", "bad-content retry info"},
		{"a portal as list", list, "first=1 html", "bad-content retry list"},
		{"a portal as zip", zip, "first=1 html", "bad-content retry zip"},
		{"another version's zip", zip, "first=1 instead=/example.com/hello/@v/v1.1.0.zip", "bad-content retry zip"},
		{"another version's info", info, "first=1 instead=/example.com/hello/@v/v1.1.0.info", "bad-content retry info"},
		{"gone for a moment", info, "first=2 status=410", "gone retry info"},
		{"redirects in a circle", info, "first=11 redirect=self", "bad-content retry info"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := helloStore(t)
			p := fault(t, store, "/example.com/hello/"+tt.file+" "+tt.fault)
			b := open(t, p.URL(), knowing(sums(t, store)))
			g := b.get(0, hello+"/"+tt.file)
			if g.code != 200 {
				t.Fatalf("%+v: %s", g, b.words(g))
			}
			if tt.file == zip && g.body != string(store.Zip(hello, "v1.0.0")) {
				t.Error("another zip")
			}
			equal(t, "healed", b.healed(), "["+tt.want+"]")
		})
	}
}

// TestHealHTTP2 meets what only HTTP/2 can do.
func TestHealHTTP2(t *testing.T) {
	for _, tt := range []struct{ name, fault, want string }{
		{"stream reset in a zip", "first=1 abort", "http2 resume zip"},
		{"stream reset before a header", "first=1 abort after=0", "http2 retry zip"},
		{"goaway in a zip", "first=1 goaway", "resume zip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := helloStore(t)
			p := modtest.Proxy(t, faultproxy.Config{Content: store, HTTP2: true, Rules: "**.zip " + tt.fault})
			b := open(t, p.URL(), knowing(sums(t, store)), trusting(p))
			g := b.get(0, hello+"/@v/v1.0.0.zip")
			if g.code != 200 || g.body != string(store.Zip(hello, "v1.0.0")) {
				t.Fatalf("%+v: %s", g, b.words(g))
			}
			if got := strings.Join(b.healed(), ";"); !strings.HasSuffix(got, tt.want) {
				t.Errorf("healed %q, want %q", got, tt.want)
			}
			if proto := p.Requests()[0].Proto; proto != "HTTP/2.0" {
				t.Error(proto)
			}
		})
	}
}

// TestDeadlines: what never ends is ended, and asked for again.
func TestDeadlines(t *testing.T) {
	short := func(c *Config) {
		c.Policy.Timeouts.FirstByte, c.Policy.Timeouts.Stall = 60*time.Millisecond, 60*time.Millisecond
		c.Policy.Hedge = 0
	}
	for _, tt := range []struct{ name, fault, want string }{
		{"no header", "first=1 hang", "timeout retry zip"},
		{"a body that stalls", "first=1 stall", "timeout resume zip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := helloStore(t)
			p := fault(t, store, "**.zip "+tt.fault)
			b := open(t, p.URL(), knowing(sums(t, store)), short)
			if g := b.get(0, hello+"/@v/v1.0.0.zip"); g.code != 200 {
				t.Fatal(b.words(g))
			}
			equal(t, "healed", b.healed(), "["+tt.want+"]")
		})
	}
}

// TestHedge: a request without an answer is started once more, elsewhere.
func TestHedge(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.info first=1 hang")
	b := open(t, p.URL(), func(c *Config) { c.Policy.Hedge, c.Clock = 50*time.Millisecond, upstream.SystemClock{} })
	if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 200 {
		t.Fatal(b.words(g))
	}
	equal(t, "asked", p.Count("**.info"), 2)
	equal(t, "healed", b.healed(), "[]") // it merely won
	equal(t, "noted", b.events(journal.Noted), "[timeout hedge info]")
	if lost := journal.Lost(b.rec.Events()); lost < 50*time.Millisecond {
		t.Errorf("%v lost, and the second start came after 50ms", lost)
	}
}

// TestResumeOnlyWithValidator: without an entity tag the file is fetched anew.
func TestResumeOnlyWithValidator(t *testing.T) {
	store := helloStore(t)
	store.NoRange = true
	p := fault(t, store, "**.zip first=1 cut")
	b := open(t, p.URL(), knowing(sums(t, store)))
	if g := b.get(0, hello+"/@v/v1.0.0.zip"); g.code != 200 {
		t.Fatal(b.words(g))
	}
	for _, req := range p.Requests() {
		if r := req.Header.Get("Range"); r != "" {
			t.Errorf("asked for %s", r)
		}
	}
	equal(t, "healed", b.healed(), "[truncated retry zip]")
}

// TestLimits: a body without an end is ended.
func TestLimits(t *testing.T) {
	p := fault(t, helloStore(t), "**.info first=1 endless")
	b := open(t, p.URL(), knowing(sums(t, helloStore(t))))
	if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 200 {
		t.Error(b.words(g))
	}
	equal(t, "healed", b.healed(), "[bad-content retry info]")

	p.Script("** endless")
	b = open(t, p.URL(), knowing(sums(t, helloStore(t))))
	const info, lookup = "/example.com/hello/@v/v1.0.0.info", "/sumdb/sum.example/lookup/example.com/hello@v1.0.0"
	for path, want := range map[string]string{
		info:   fmt.Sprintf("read %q: response larger than 1048576 bytes", p.URL()+info),
		lookup: "reading " + p.URL() + lookup + ": response larger than 1048576 bytes",
	} {
		equal(t, path, b.words(b.get(0, path[1:])), want)
	}
}
