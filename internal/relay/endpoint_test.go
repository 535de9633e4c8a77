package relay

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/policy"
)

// TestStrangers: only go's own requests are answered, and a stranger never
// gets what go would take for an answer.
func TestStrangers(t *testing.T) {
	p := fault(t, helloStore(t), "")
	b := open(t, p.URL()+",direct")
	good := b.relay.ends[0].prefix + "/" + hello + "/@v/list"
	for _, tt := range []struct {
		name, method, url, host string
		want                    int
	}{
		{"go", "GET", good, "", 200},
		{"HEAD", "HEAD", good, "", 200},
		{"POST", "POST", good, "", 405},
		{"another host", "GET", good, "localhost:1234", 403},
		{"a name for loopback", "GET", good, "rebound.example", 403},
		{"another token", "GET", strings.Replace(good, b.relay.port.token, strings.Repeat("0", 32), 1), "", 403},
		{"no token", "GET", "http://" + b.relay.port.addr + "/", "", 403},
		{"an entry that is go's", "GET", b.relay.port.base + "/1/" + hello + "/@v/list", "", 403},
		{"no entry", "GET", b.relay.port.base + "/7/" + hello + "/@v/list", "", 403},
	} {
		req, err := http.NewRequest(tt.method, tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = tt.host
		res, err := b.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != tt.want {
			t.Errorf("%s: %s", tt.name, res.Status)
		}
	}
	equal(t, "asked", p.Count("**"), 2)
}

// TestNothingBeforeTheFirstRequest: a command that asks for nothing costs
// nothing, and leaves nothing.
func TestNothingBeforeTheFirstRequest(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	p := fault(t, helloStore(t), "")
	b := open(t, p.URL(), func(c *Config) { c.State = state; c.Prefetch = Required })
	b.relay.Close()
	if len(p.Requests()) != 0 || exists(t, state) || len(b.rec.Events()) != 0 {
		t.Error(p.Requests(), b.rec.Events())
	}
}

// TestAnswersPassUnchanged: status, words, type and body are the upstream's.
func TestAnswersPassUnchanged(t *testing.T) {
	for _, tt := range []struct{ status, typ, body string }{
		{"404 Not Found", "text/plain; charset=UTF-8", "not found: no such module"},
		{"404 testing", "text/plain", "words of its own"},
		{"410 Gone", "", ""},
		{"403 Forbidden", "text/html", "<p>blocked by policy"},
		{"599 ", "text/plain", "x"},
		{"204 No Content", "", ""},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, tt.status, tt.typ, []byte(tt.body))
		}))
		defer srv.Close()
		b := open(t, srv.URL)
		g := b.get(0, hello+"/@v/list")
		if g.text != tt.status || g.typ != tt.typ || g.body != tt.body {
			t.Errorf("%+v, want %+v", g, tt)
		}
	}
}

// TestPages: a page in the place of a go.mod file gets to go only where go would
// reject it, since go would keep it; one in the place of a list does.
func TestPages(t *testing.T) {
	store := helloStore(t)
	for _, tt := range []struct {
		file, sumdb string
		known       *gosum.Sums
		code        int
	}{
		{"list", "off", nil, 200},
		{"v1.0.0.mod", "off", nil, 502},
		{"v1.0.0.mod", "off", sums(t, store), 200},
		{"v1.0.0.mod", "sum.golang.org", nil, 200},
	} {
		p := fault(t, store, "** html")
		b := open(t, p.URL(), knowing(tt.known), func(c *Config) { c.Environ = append(c.Environ, "GOSUMDB="+tt.sumdb) })
		g := b.get(0, hello+"/@v/"+tt.file)
		if g.code != tt.code || strings.Contains(g.body, "<") != (tt.code == 200) {
			t.Errorf("%+v: %+v", tt, g)
		}
		if p.Count("**") < 2 {
			t.Errorf("%+v: not asked again", tt)
		}
	}
}

// TestQueriesAreGos: after a page in the place of an answer to a query, go itself
// decides what to ask the next entry.
func TestQueriesAreGos(t *testing.T) {
	portal, good := fault(t, helloStore(t), "** html"), fault(t, helloStore(t), "")
	b := open(t, portal.URL()+"|"+good.URL())
	for _, query := range []string{"/@latest", "/@v/v1.info", "/@v/main.info"} {
		if g := b.get(0, hello+query); !strings.Contains(g.body, "<") {
			t.Errorf("%s: %+v", query, g)
		}
	}
	equal(t, "asked of the next entry", good.Count("**"), 0)
}

// TestContradiction: what every upstream serves alike goes to go, which knows
// what to say of it.
func TestContradiction(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.zip instead=/example.com/hello/@v/v1.1.0.zip\n**v1.0.0.mod flip")
	b := open(t, p.URL(), knowing(sums(t, store)))
	for file, tries := range map[string]int{"v1.0.0.mod": 2, "v1.0.0.zip": 2} {
		g := b.get(0, hello+"/@v/"+file)
		if g.code != 200 || p.Count("**"+file) != tries {
			t.Errorf("%s: %d after %d tries", file, g.code, p.Count("**"+file))
		}
	}
	list := b.relay.Unhealed()
	if len(list) != 2 || list[0].Class == list[1].Class || list[0].Module != hello {
		t.Errorf("%+v", list)
	}
}

// TestContradictionFallsThroughAPipe: the next entry is asked, and if it
// serves the same, go gets what it would have got.
func TestContradictionFallsThroughAPipe(t *testing.T) {
	store := helloStore(t)
	const wrong = "**.zip instead=/example.com/hello/@v/v1.1.0.zip"
	bad, good, worse := fault(t, store, wrong), fault(t, store, ""), fault(t, store, wrong)
	const zip = hello + "/@v/v1.0.0.zip"

	b := open(t, bad.URL()+"|"+good.URL(), knowing(sums(t, store)))
	if g := b.get(0, zip); g.body != string(store.Zip(hello, "v1.0.0")) {
		t.Error("the next entry was not asked")
	}
	equal(t, "healed", b.healed(), "[bad-content rotate zip]")

	b = open(t, bad.URL()+"|"+worse.URL(), knowing(sums(t, store)))
	if g := b.get(0, zip); g.code != 200 || g.body != string(store.Zip(hello, "v1.1.0")) {
		t.Errorf("%d", g.code)
	}

	b = open(t, bad.URL()+"|file:///nowhere", knowing(sums(t, store)))
	if g := b.get(0, zip); g.code != 502 {
		t.Errorf("%d: go cannot take the next entry", g.code)
	}

	before := good.Count("**")
	b = open(t, bad.URL()+","+good.URL(), knowing(sums(t, store)))
	b.get(0, zip)
	equal(t, "asked past a comma", good.Count("**"), before)
}

func rotating(trusted bool, on ...string) func(*Config) {
	return func(c *Config) {
		c.Policy.Rules = []policy.Rule{{On: on, Do: []policy.Action{policy.ActRetry, policy.ActRotate}, RotateTrusted: trusted}}
	}
}

// TestRotate: past a comma only by a trusted rule, only for versions that
// go.sum names, never for a query or a private module.
func TestRotate(t *testing.T) {
	const zip, list = hello + "/@v/v1.0.0.zip", hello + "/@v/list"
	store := helloStore(t)
	known := knowing(sums(t, store))
	private := func(c *Config) { c.Environ = append(c.Environ, "GOPRIVATE=example.com", "GONOPROXY=none") }
	for _, tt := range []struct {
		name, fault, path string
		edit              []func(*Config)
		want              bool
	}{
		{"by a trusted rule", "status=500", zip, []func(*Config){known, rotating(true, "server-error")}, true},
		{"by an untrusted rule", "status=500", zip, []func(*Config){known, rotating(false, "server-error")}, false},
		{"by no rule", "status=500", zip, []func(*Config){known}, false},
		{"an unknown version", "status=500", zip, []func(*Config){rotating(true, "server-error")}, false},
		{"a query", "status=500", list, []func(*Config){known, rotating(true, "server-error")}, false},
		{"a block", "status=403", zip, []func(*Config){known, rotating(true, "auth")}, false},
		{"a block that the rule names", "status=403", zip, []func(*Config){known, rotating(true, "forbidden")}, true},
		{"content", "instead=/example.com/hello/@v/v1.1.0.zip", zip, []func(*Config){known, rotating(true, "bad-content")}, true},
		{"a private module", "status=500", zip, []func(*Config){known, rotating(true, "server-error"), private}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad, good := fault(t, store, "** "+tt.fault), fault(t, store, "")
			b := open(t, bad.URL()+","+good.URL(), tt.edit...)
			g := b.get(0, tt.path)
			if asked := good.Count("**") > 0; asked != tt.want || asked != (g.code == 200 && g.body == string(store.Zip(hello, "v1.0.0"))) {
				t.Errorf("asked %v: %+v", asked, g.text)
			}
		})
	}
}

// TestRotateSoon: with another upstream at hand, an outage is not waited for, and
// found out once.
func TestRotateSoon(t *testing.T) {
	store := helloStore(t)
	bad, good := fault(t, store, "** status=503"), fault(t, store, "")
	b := open(t, bad.URL()+","+good.URL(), knowing(sums(t, store)), rotating(true, "transient"))
	for _, file := range []string{"v1.0.0.mod", "v1.0.0.zip", "v1.0.0.info"} {
		if g := b.get(0, hello+"/@v/"+file); g.code != 200 {
			t.Errorf("%s: %s", file, g.text)
		}
	}
	equal(t, "asked", bad.Count("**"), 5) // three tries, then one each
	equal(t, "waits", fmt.Sprint(b.clock.Waits()), "[200ms 1s]")
}

// TestRotateBack: what nobody else has is waited for as if there were nobody else.
func TestRotateBack(t *testing.T) {
	store := helloStore(t)
	bad, empty := fault(t, store, "** first=6 status=500"), fault(t, faultproxy.NewStore(), "")
	b := open(t, bad.URL()+","+empty.URL(), knowing(sums(t, store)), rotating(true, "transient"))
	if g := b.get(0, hello+"/@v/v1.0.0.zip"); g.code != 200 {
		t.Error(g.text)
	}
	equal(t, "asked", bad.Count("**"), 7)
	equal(t, "asked in vain", empty.Count("**"), 1)
}

// TestKnownVersions: a version that go.sum names has existed.
func TestKnownVersions(t *testing.T) {
	store := helloStore(t)
	for _, tt := range []struct {
		name, list, path string
		edit             []func(*Config)
		want             int
	}{
		{"known", "", hello + "/@v/v1.0.0.info", []func(*Config){knowing(sums(t, store))}, 3},
		{"known, with off behind", ",off", hello + "/@v/v1.0.0.info", []func(*Config){knowing(sums(t, store))}, 3},
		{"known, with others behind", ",direct", hello + "/@v/v1.0.0.info", []func(*Config){knowing(sums(t, store))}, 1},
		{"unknown", "", hello + "/@v/v1.0.0.info", nil, 1},
		{"a list", "", hello + "/@v/list", []func(*Config){knowing(sums(t, store))}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := fault(t, store, "** status=404")
			b := open(t, p.URL()+tt.list, tt.edit...)
			if g := b.get(0, tt.path); g.code != 404 {
				t.Error(g.text)
			}
			equal(t, "asked", p.Count("**"), tt.want)
		})
	}
}

// TestPatience: a rule waits for a version that a mirror does not have yet,
// and says so once a minute.
func TestPatience(t *testing.T) {
	p := fault(t, helloStore(t), "**.info first=12 status=404 header=Cache-Control:max-age=30")
	b := open(t, p.URL()+",direct", func(c *Config) {
		c.Policy.Rules = []policy.Rule{{On: []string{"not-found"}, Modules: []string{"example.com/*"},
			Do: []policy.Action{policy.ActRetry}, WaitFor: 10 * time.Minute}}
	})
	if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 200 {
		t.Fatal(g.text)
	}
	waits := b.clock.Waits()
	if len(waits) != 12 || waits[0] != 30*time.Second {
		t.Error(waits)
	}
	if len(b.notes) < 5 || len(b.notes) > 7 || !strings.HasPrefix(b.notes[0], "gosteady: waiting for example.com/hello@v1.0.0") {
		t.Errorf("%q", b.notes)
	}
}

// TestPatienceIsOne: a rule's patience is that of the invocation, however many
// versions are missing.
func TestPatienceIsOne(t *testing.T) {
	p := fault(t, helloStore(t), "**.info status=404")
	b := open(t, p.URL(), func(c *Config) {
		c.Policy.Rules = []policy.Rule{{On: []string{"not-found"}, Modules: []string{"example.com/*"},
			Do: []policy.Action{policy.ActRetry}, WaitFor: time.Minute}}
	})
	began := b.clock.Now()
	for _, version := range []string{"v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0"} {
		if g := b.get(0, hello+"/@v/"+version+".info"); g.code != 404 {
			t.Fatal(g.text)
		}
	}
	if waited := b.clock.Now().Sub(began); waited < time.Minute || waited > 90*time.Second {
		t.Errorf("waited %v", waited)
	}
	if len(b.notes) == 0 {
		t.Error("nobody was told")
	}
}

// TestOffline: without any network a command ends after five seconds, and the
// next one at once.
func TestOffline(t *testing.T) {
	state := t.TempDir()
	run := func(after time.Duration) []time.Duration {
		b := open(t, "http://127.0.0.1:1", func(c *Config) { c.State = state }, knowing(sums(t, helloStore(t))))
		b.clock.Advance(after)
		if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 502 {
			t.Error(g.text)
		}
		b.get(0, hello+"/@v/v1.0.0.mod")
		b.relay.Close()
		return b.clock.Waits()
	}
	equal(t, "first", run(0), "[200ms 1s 2s 1.8s]")
	equal(t, "ten seconds later", run(15*time.Second), "[]")
	if again := run(2 * time.Minute); len(again) == 0 {
		t.Error("remembered for too long")
	}
}

// TestBreaker: a dead first upstream in "A|B" is found out once.
func TestBreaker(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "** status=500")
	b := open(t, p.URL()+"|direct", knowing(sums(t, store)))
	for range 20 {
		if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 500 {
			t.Error(g.text)
		}
	}
	if n := p.Count("**"); n > 12 {
		t.Errorf("asked %d times", n)
	}
	b.clock.Sleep(t.Context(), time.Minute)
	p.Script("")
	if g := b.get(0, hello+"/@v/v1.0.0.info"); g.code != 200 {
		t.Error("not tried again after its time:", g.text)
	}
}

// TestBreakerNeverSkipsAComma: there everyone is asked.
func TestBreakerNeverSkipsAComma(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "** status=500")
	b := open(t, p.URL()+",direct", knowing(sums(t, store)))
	for range 10 {
		before := p.Count("**")
		b.get(0, hello+"/@v/v1.0.0.info")
		if p.Count("**") == before {
			t.Fatal("skipped")
		}
	}
}

// TestRetriesAreBounded: a service that falls over is not asked for ever, but as long
// as there is time to wait in.
func TestRetriesAreBounded(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "** status=500")
	b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) { c.Policy.Breaker.Failures = 0 })
	for range 30 {
		b.get(0, hello+"/@v/v1.0.0.info")
	}
	if n, waited := p.Count("**"), b.clock.Now().Sub(time.Unix(1700000000, 0)); n > 30+50 || waited > 2*time.Minute {
		t.Errorf("asked %d times in %s", n, waited)
	}
}

// TestFromMemory: the last word is the same, and nobody is asked for it.
func TestFromMemory(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.info status=500 body=broken type=text/plain\n**.mod reset after=0")
	b := open(t, p.URL(), knowing(sums(t, store)))
	paths := []string{hello + "/@v/v1.0.0.info", hello + "/@v/v1.0.0.mod"}
	var first []got
	for _, path := range paths {
		first = append(first, b.get(0, path))
	}
	before := p.Count("**")
	b.relay.FromMemory()
	for i, path := range paths {
		equal(t, path, b.get(0, path), first[i])
	}
	if g := b.get(0, hello+"/@v/v1.0.0.zip"); g.code != 200 {
		t.Error("what did not fail is fetched:", g.text)
	}
	equal(t, "asked", p.Count("**"), before+1)
	equal(t, "unhealed", len(b.relay.Unhealed()), 2)
}

// TestZipAskedTwice: go has rejected the first one, so the second is verified
// in full however large it is.
func TestZipAskedTwice(t *testing.T) {
	store := largeStore(t)
	p := fault(t, store, "**.zip first=2 flip")
	b := open(t, p.URL(), knowing(sums(t, store)))
	if g := b.get(0, hello+"/@v/v1.0.0.zip"); g.code != 200 || g.body == string(store.Zip(hello, "v1.0.0")) {
		t.Fatal("a large zip is not inflated the first time")
	}
	if g := b.get(0, hello+"/@v/v1.0.0.zip"); g.body != string(store.Zip(hello, "v1.0.0")) {
		t.Error("not verified the second time")
	}
}

// largeStore has a module whose zip is not inflated the first time.
func largeStore(t *testing.T) *faultproxy.Store {
	t.Helper()
	store := faultproxy.NewStore()
	noise := make([]byte, 3*modproxy.SmallZip)
	for i := range noise {
		noise[i] = byte('a' + i*i*i%7919%23)
	}
	data := make([]byte, 0, 4*len(noise))
	for i := range noise {
		data = append(data, noise[i], byte(i>>7*31), byte(i*7>>3))
	}
	if err := store.Add(hello, "v1.0.0", map[string]string{"data.bin": string(data)}); err != nil {
		t.Fatal(err)
	}
	if n := len(store.Zip(hello, "v1.0.0")); n <= modproxy.SmallZip {
		t.Fatalf("the zip has only %d bytes", n)
	}
	return store
}

// TestSumDB: a lookup that fails behind "|" is asked of the next entry, which
// go itself would not do; behind a comma it is not.
func TestSumDB(t *testing.T) {
	store := helloStore(t)
	db, err := store.SumDB("sum.example")
	if err != nil {
		t.Fatal(err)
	}
	lookup := "sumdb/" + db.Name + "/lookup/" + hello + "@v1.0.0"
	for sep, want := range map[string]int{"|": 200, ",": 500} {
		bad, good := fault(t, store, "**/lookup/** status=500"), fault(t, store, "")
		b := open(t, bad.URL()+sep+good.URL())
		if g := b.get(0, "sumdb/"+db.Name+"/supported"); g.code != 200 {
			t.Fatal(g.text)
		}
		if g := b.get(0, lookup); g.code != want {
			t.Errorf("%s: %s", sep, g.text)
		}
		if sep == "," {
			equal(t, "asked past a comma", good.Count("**"), 0)
		}
	}
}

// TestSumDBRetry: the same attempts as for module files.
func TestSumDBRetry(t *testing.T) {
	store := helloStore(t)
	db, err := store.SumDB("sum.example")
	if err != nil {
		t.Fatal(err)
	}
	p := fault(t, store, "**/lookup/** first=1 html\n**/tile/** first=1 reset")
	b := open(t, p.URL())
	for _, path := range []string{"lookup/" + hello + "@v1.0.0", "tile/8/0/000.p/1"} {
		if g := b.get(0, "sumdb/"+db.Name+"/"+path); g.code != 200 {
			t.Errorf("%s: %s", path, b.words(g))
		}
	}
	equal(t, "healed", len(b.healed()), 2)
}

// TestPrivateAtPolicyProxy: a private module is not told to a proxy that only
// the policy names, and go does not notice.
func TestPrivateAtPolicyProxy(t *testing.T) {
	own, added := fault(t, faultproxy.NewStore(), ""), fault(t, helloStore(t), "")
	b := open(t, own.URL(), func(c *Config) {
		c.Environ = append(c.Environ, "GOPRIVATE=example.com/*", "GONOPROXY=none")
		c.Policy.Proxies = []policy.Upstream{{URL: added.URL(), Trusted: true}}
	})
	first := b.get(0, hello+"/@v/list")
	second := b.get(1, hello+"/@v/list")
	equal(t, "status", second.text, first.text)
	equal(t, "body", second.body, first.body)
	equal(t, "words", b.words(second), b.words(first))
	equal(t, "told to the policy's proxy", added.Count("**"), 0)
	if g := b.get(1, "other.example/m/@v/list"); g.code != 404 || added.Count("**") != 1 {
		t.Error("a public module may be asked for")
	}
}

// TestBars: a proxy that the repository alone names is asked only for what go.sum
// names.
func TestBars(t *testing.T) {
	store := helloStore(t)
	for name, test := range map[string]struct {
		added  addition
		known  bool // by go.sum
		sumdb  string
		barred bool
	}{
		"nobody vouches":         {added: byGuest, sumdb: "off", barred: true},
		"go.sum vouches":         {added: byGuest, known: true, sumdb: "off"},
		"the database vouches":   {added: byGuest, sumdb: "sum.golang.org", barred: true},
		"this machine trusts it": {added: byTrusted, sumdb: "off"},
		"it is the user's own":   {added: notAdded, sumdb: "off"},
	} {
		b := open(t, fault(t, store, "").URL(), func(c *Config) {
			c.Environ = append(c.Environ, "GOSUMDB="+test.sumdb)
			if test.known {
				c.Sums = sums(t, store)
			}
		})
		equal(t, name, b.relay.denied(&endpoint{added: test.added}, item(t, helloPath+".mod")), test.barred)
	}
}

// TestVouched: go.sum may know one file of a version and not the other.
func TestVouched(t *testing.T) {
	const hash = " h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
	for name, test := range map[string]struct{ gosum, vouched string }{
		"nothing":     {"", ""},
		"its go.mod":  {hello + " v1.0.0/go.mod" + hash, ".info .mod"},
		"its zip":     {hello + " v1.0.0" + hash, ".info .zip"},
		"both":        {hello + " v1.0.0/go.mod" + hash + hello + " v1.0.0" + hash, ".info .mod .zip"},
		"another one": {hello + " v1.1.0/go.mod" + hash + hello + " v1.1.0" + hash, ""},
	} {
		known, err := gosum.Parse([]byte(test.gosum))
		if err != nil {
			t.Fatal(err)
		}
		r := &Relay{config: Config{Versions: Versions{Sums: known}, Settings: goenv.Read([]string{"GOSUMDB=off", "GOENV=off"}, "")}}
		var vouched []string
		for _, file := range []string{".info", ".mod", ".zip"} {
			if r.vouched(item(t, helloPath+file)) {
				vouched = append(vouched, file)
			}
		}
		equal(t, name, strings.Join(vouched, " "), test.vouched)
	}
}

// TestGuestGetsNoQueries: nor lookups.
func TestGuestGetsNoQueries(t *testing.T) {
	store := helloStore(t)
	b := open(t, fault(t, store, "").URL(), knowing(sums(t, store)))
	guest := &endpoint{added: byGuest}
	for path, barred := range map[string]bool{
		hello + "/@v/list": true, hello + "/@latest": true, hello + "/@v/main.info": true, hello + "/@v/v1.info": true,
		hello + "/@v/v1.1.0.info": true, hello + "/@v/v1.1.0.mod": true, hello + "/@v/v1.1.0.zip": true,
		"sumdb/sum.golang.org/supported": true, "sumdb/sum.golang.org/lookup/" + hello + "@v1.0.0": true,
		hello + "/@v/v1.0.0.info": false, hello + "/@v/v1.0.0.mod": false, hello + "/@v/v1.0.0.zip": false,
	} {
		equal(t, path, b.relay.denied(guest, item(t, path)), barred)
	}
}

// TestGuestDoesNotCarry: a guest that files were fetched from is not tried as a carrier
// of the checksum database.
func TestGuestDoesNotCarry(t *testing.T) {
	store := helloStore(t)
	var lookups atomic.Int32
	carrier := fault(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.Contains(req.URL.Path, "/sumdb/") {
			lookups.Add(1)
			fmt.Fprintf(w, "1\n%s v1.1.0 h1:x\n\nx\n1\n\n\u2014 x\n", hello)
			return
		}
		store.ServeHTTP(w, req)
	}), "")
	b := open(t, "http://127.0.0.1:1|"+carrier.URL(), knowing(sums(t, store)))
	for _, added := range []addition{byGuest, notAdded} {
		b.relay.ends[1].added = added
		b.relay.sumdb.denials = []denial{{b.relay.ends[1], "sum.golang.org"}}
		equal(t, "a file", b.get(1, hello+"/@v/v1.0.0.mod").code, http.StatusOK)
		carries := b.relay.CarryAnyway(t.Context(), module.Version{Path: hello, Version: "v1.1.0"})
		equal(t, "carries", carries, added == notAdded)
		equal(t, "lookups", lookups.Load() > 0, added == notAdded)
	}
}

func TestAddition(t *testing.T) {
	p := policy.Default()
	p.Proxies = []policy.Upstream{{URL: "https://goproxy.cn"}, {URL: "https://athens.corp.example", Trusted: true}}
	r := &Relay{config: Config{Policy: p}}
	list, err := proxylist.Parse("https://proxy.golang.org,https://goproxy.cn,https://athens.corp.example/")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []addition{notAdded, byGuest, byTrusted} {
		equal(t, list[i].Raw, r.addition(map[string]bool{"https://proxy.golang.org": true}, list[i]), want)
	}
}

// TestJournal: what was needed and not had is unhealed; what go got from the
// next entry is noted; a guess of go's at a module path is nothing.
func TestJournal(t *testing.T) {
	store := helloStore(t)
	bad, good := fault(t, store, "** status=500"), fault(t, store, "")
	b := open(t, bad.URL()+"|"+good.URL(), knowing(sums(t, store)))
	b.get(0, hello+"/@v/v1.0.0.info")
	b.get(1, hello+"/@v/v1.0.0.info")
	b.get(0, hello+"/@v/v1.0.0.mod")
	b.get(1, "example.com/@v/list")
	equal(t, "unhealed", b.events(journal.Unhealed), "[server-error  mod]")
	equal(t, "noted", b.events(journal.Noted), "[server-error fallback info]")
	for _, f := range b.relay.Unhealed() {
		if f.Class != classify.ServerError && f.Class != classify.NotFound {
			t.Errorf("%+v", f)
		}
	}
}

// TestCancelledIsNoAnswer: when the relay ends, a request that runs gets no
// answer at all, and not an empty one.
func TestCancelledIsNoAnswer(t *testing.T) {
	p := fault(t, helloStore(t), "** hang")
	b := open(t, p.URL())
	failed := make(chan error)
	go func() {
		res, err := b.client.Get(b.relay.ends[0].prefix + "/" + hello + "/@v/list")
		if err == nil {
			res.Body.Close()
		}
		failed <- err
	}()
	for p.Count("**") == 0 {
		time.Sleep(time.Millisecond)
	}
	b.relay.cancel()
	if err := <-failed; err == nil {
		t.Error("answered")
	}
}

// TestLeavingEndsTheQuestion: when go is gone, nobody waits for the upstream.
func TestLeavingEndsTheQuestion(t *testing.T) {
	p := fault(t, helloStore(t), "** hang")
	b := open(t, p.URL())
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", b.relay.ends[0].prefix+"/"+hello+"/@v/list", nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for p.Count("**") == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := b.client.Do(req); err == nil {
		t.Fatal("answered")
	}
	b.settle()
}
