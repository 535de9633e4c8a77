package relay

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/upstream"
)

// A stage runs the real go command plain and through a relay.
type stage struct {
	env  []string // on top of a clean environment
	mod  string   // of go.mod, after module and go lines
	sum  string
	args []string
	edit []func(*Config)
	json bool
}

// play returns what one run printed: standard error, standard output.
func (s stage) play(t *testing.T, relayed bool) (code int, stderr, stdout string, b *bench) {
	t.Helper()
	root := t.TempDir()
	env := append(modtest.Environ(root, modtest.GOCACHE()), s.env...)
	dir := filepath.Join(root, "main")
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/main\n\ngo 1.21\n"+s.mod)
	writeFile(t, filepath.Join(dir, "go.sum"), s.sum)
	rewrite := func(line []byte) []byte { return line }
	outRewrite := rewrite
	if relayed {
		known, _ := gosum.Parse([]byte(s.sum))
		b = open(t, "", append([]func(*Config){func(c *Config) {
			c.Settings, c.Environ, c.Sums = goenv.Read(env, ""), env, known
		}}, s.edit...)...)
		defer b.relay.Close()
		env = append(env, b.relay.Env()...)
		rewrite = b.relay.Rewriter(false).Rewrite
		outRewrite = b.relay.Rewriter(s.json).Rewrite
	}
	res := modtest.Run(t, dir, env, modtest.RealGo(t), s.args...)
	if relayed && res.Code == 0 {
		b.relay.Succeeded()
	}
	return res.Code, through(res.Stderr, root, rewrite), through(res.Stdout, root, outRewrite), b
}

var (
	localPort = regexp.MustCompile(`(read|write) tcp 127\.0\.0\.1:\d+-(>|\\u003e)`)
	elapsed   = regexp.MustCompile(`\(\d+\.\d+s\)`)
	streamID  = regexp.MustCompile(`stream ID \d+`)
)

func through(text, root string, rewrite func([]byte) []byte) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.Write(rewrite([]byte(line)))
	}
	text = rootless(b.String(), root)
	text = localPort.ReplaceAllString(text, "$1 tcp ")
	return streamID.ReplaceAllString(elapsed.ReplaceAllString(text, "(TIME)"), "stream ID N")
}

// TestWords: what cannot be healed reads as plain go words it.
func TestWords(t *testing.T) {
	download := []string{"mod", "download", hello + "@v1.0.0"}
	traced := []string{"mod", "download", "-x", hello + "@v1.0.0"}
	asJSON := []string{"mod", "download", "-json", hello + "@v1.0.0"}
	for _, tt := range []struct {
		name, fault string
		args        []string
		json, tls   bool
	}{
		{"reset before a header", "**.info reset after=0", download, false, false},
		{"reset, traced", "**.mod reset after=0", traced, false, false},
		{"reset, as JSON", "**.info reset after=0", asJSON, true, false},
		{"cut zip", "**.zip cut", download, false, false},
		{"cut zip, traced", "**.zip cut", traced, false, false},
		{"cut zip, as JSON", "**.zip cut", asJSON, true, false},
		{"cut info", "**.info cut after=3", download, false, false},
		{"stream reset", "**.zip abort", download, false, true},
		{"stream reset before a header", "**.info abort after=0", download, false, true},
		{"503", "**.zip status=503 body='down for maintenance' type=text/plain", download, false, false},
		{"503, as JSON", "**.zip status=503 body='<down> & \"out\"' type=text/plain", asJSON, true, false},
		{"portal as info", "**.info html", download, false, false},
		{"portal as zip", "**.zip html", download, false, false},
		{"another version's info", "**.info instead=/example.com/hello/@v/v1.1.0.info", download, false, false},
		{"another version's zip", "**.zip instead=/example.com/hello/@v/v1.1.0.zip", download, false, false},
		{"flipped zip", "**.zip flip", download, false, false},
		{"garbage as mod", "**.mod flip", download, false, false},
		{"redirects in a circle", "**.info redirect=self", download, false, false},
		{"404", "** status=404", traced, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := helloStore(t)
			p := modtest.Proxy(t, faultproxy.Config{Content: store, Rules: tt.fault, HTTP2: tt.tls})
			sum, err := store.Sum(hello, "v1.0.0")
			if err != nil {
				t.Fatal(err)
			}
			s := stage{args: tt.args, json: tt.json, sum: sum, mod: "require example.com/hello v1.0.0\n",
				env: []string{"GOPROXY=" + p.URL()}}
			if tt.tls {
				needsTrust(t)
				s.env = append(s.env, "SSL_CERT_FILE="+writeFile(t, filepath.Join(t.TempDir(), "ca.pem"), string(p.CertPEM())))
				s.edit = append(s.edit, trusting(p))
			}
			code, stderr, stdout, _ := s.play(t, false)
			code2, stderr2, stdout2, _ := s.play(t, true)
			if code == 0 {
				t.Fatal("plain go succeeded")
			}
			equal(t, "exit status", code2, code)
			equal(t, "stderr", stderr2, stderr)
			equal(t, "stdout", stdout2, stdout)
		})
	}
}

// TestWordsOfPages: a web page that no repetition gets around is what go makes of
// it, to the end.
func TestWordsOfPages(t *testing.T) {
	for _, tt := range []struct {
		name, rules string
		args        []string
		known       bool // by go.sum
		sumdb       bool
	}{
		{"list", "**/list html", []string{"list", "-m", "-versions", hello}, true, false},
		{"list, as JSON", "**/list html", []string{"list", "-m", "-versions", "-json", hello}, true, false},
		{"list for a query", "**/list html", []string{"list", "-m", hello + "@v1"}, false, false},
		{"list for the latest", "**/list html\n**@latest status=404", []string{"get", hello}, false, false},
		{"list, and the latest is there", "**/list html", []string{"get", hello}, false, true},
		{"list and latest", "**/list html\n**@latest html", []string{"get", hello}, false, false},
		{"list of updates", "**/list html", []string{"list", "-m", "-u", "all"}, true, false},
		{"mod of a known version", "**.mod html", []string{"mod", "download", hello + "@v1.0.0"}, true, false},
		{"mod for a build list", "**.mod html", []string{"list", "-m", "all"}, true, false},
		{"mod that the database knows", "**.mod html", []string{"get", hello + "@v1.0.0"}, false, true},
		{"mod that nobody knows", "**.mod html", []string{"get", hello + "@v1.0.0"}, false, false},
		{"everything", "** html", []string{"get", hello}, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := helloStore(t)
			db, err := store.SumDB("sum.example")
			if err != nil {
				t.Fatal(err)
			}
			p := fault(t, store, tt.rules)
			s := stage{args: tt.args, json: true, env: []string{"GOPROXY=" + p.URL(), "GOSUMDB=off"}}
			if tt.sumdb {
				s.env = append(s.env, "GOSUMDB="+db.Key)
			}
			if tt.known {
				s.mod = "require example.com/hello v1.0.0\n"
				if s.sum, err = store.Sum(hello, "v1.0.0"); err != nil {
					t.Fatal(err)
				}
			}
			code, stderr, stdout, _ := s.play(t, false)
			code2, stderr2, stdout2, _ := s.play(t, true)
			equal(t, "exit status", code2, code)
			equal(t, "stderr", stderr2, stderr)
			equal(t, "stdout", stdout2, stdout)
		})
	}
}

// TestWordsOfConnections: refused, unknown, with a bad certificate.
func TestWordsOfConnections(t *testing.T) {
	expired := modtest.Proxy(t, faultproxy.Config{Content: helloStore(t), TLS: true, Cert: faultproxy.ExpiredCert})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(expired.CertPEM())
	ca := writeFile(t, filepath.Join(t.TempDir(), "ca.pem"), string(expired.CertPEM()))
	for name, list := range map[string]string{
		"refused":                   "http://127.0.0.1:1",
		"no such port":              "https://127.0.0.1:70000",
		"refused twice":             "http://127.0.0.1:1|http://127.0.0.1:1/second",
		"refused, with credentials": "https://user:secret@127.0.0.1:1/path?query=1",
		"credentials in the clear":  "http://127.0.0.1:1,http://user:secret@127.0.0.1:1",
		"bad certificate":           expired.URL(),
		"plain http as https":       "https://" + strings.TrimPrefix(fault(t, helloStore(t), "").URL(), "http://"),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "bad certificate" {
				needsTrust(t)
			}
			s := stage{
				args: []string{"mod", "download", "-x", hello + "@v1.0.0"},
				env:  []string{"GOPROXY=" + list, "SSL_CERT_FILE=" + ca},
				edit: []func(*Config){func(c *Config) { c.TLS = &tls.Config{RootCAs: pool} }},
			}
			_, stderr, _, _ := s.play(t, false)
			_, stderr2, _, _ := s.play(t, true)
			now := regexp.MustCompile(`current time \S+`) // of an expired certificate
			equal(t, "stderr", now.ReplaceAllString(stderr2, ""), now.ReplaceAllString(stderr, ""))
			if strings.Contains(stderr2, "secret") {
				t.Error("a password is shown")
			}
		})
	}
}

// TestWordsOfSumDB: the checksum database is named as go names it.
func TestWordsOfSumDB(t *testing.T) {
	for name, rules := range map[string]string{
		"lookup fails":    "**/lookup/** status=500",
		"lookup is reset": "**/lookup/** reset after=0",
		"lookup is cut":   "**/lookup/** cut after=5",
		"missing":         "**/lookup/** status=404 body='not found' type=text/plain",
		"not carried":     "**/supported status=500",
	} {
		t.Run(name, func(t *testing.T) {
			store := helloStore(t)
			db, err := store.SumDB("sum.example")
			if err != nil {
				t.Fatal(err)
			}
			p := fault(t, store, rules)
			s := stage{args: []string{"get", hello + "@v1.0.0"}, env: []string{"GOPROXY=" + p.URL(), "GOSUMDB=" + db.Key}}
			code, stderr, _, _ := s.play(t, false)
			code2, stderr2, _, _ := s.play(t, true)
			if code == 0 {
				t.Fatal("plain go succeeded")
			}
			equal(t, "exit status", code2, code)
			equal(t, "stderr", stderr2, stderr)
		})
	}
}

// TestTransparency: a healthy run leaves what plain go leaves, asks no more
// and says the same.
func TestTransparency(t *testing.T) {
	store := helloStore(t)
	db, err := store.SumDB("sum.example")
	if err != nil {
		t.Fatal(err)
	}
	p := fault(t, store, "")
	for _, args := range [][]string{
		{"get", hello}, {"get", "-x", hello + "@v1.0.0"}, {"list", "-m", "-versions", "-json", hello}, {"mod", "download", "-json", hello + "@latest"},
	} {
		s := stage{args: args, json: true, env: []string{"GOPROXY=" + p.URL(), "GOSUMDB=" + db.Key}}
		p.Forget()
		code, stderr, stdout, _ := s.play(t, false)
		asked := len(p.Requests())
		p.Forget()
		code2, stderr2, stdout2, b := s.play(t, true)
		if n := len(p.Requests()); n > asked+1 {
			t.Errorf("%v: %d requests, plain go needs %d", args, n, asked)
		}
		equal(t, "exit status", code2, code)
		equal(t, "stderr", sorted(stderr2), sorted(stderr)) // probes run side by side
		equal(t, "stdout", stdout2, stdout)
		if n := len(b.rec.Events()); n != 0 {
			t.Errorf("%v: %d events for nothing: %+v", args, n, b.rec.Events())
		}
	}
}

func sorted(text string) []string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		for j := i; j > 0 && lines[j] < lines[j-1]; j-- {
			lines[j], lines[j-1] = lines[j-1], lines[j]
		}
	}
	return lines
}

// TestRewrite: forms that are hard to make the real go print.
func TestRewrite(t *testing.T) {
	b := open(t, "https://user:pw@proxy.example/base,http://127.0.0.1:1")
	relay := b.relay
	p0, p1 := relay.ends[0].prefix, relay.ends[1].prefix
	id := relay.errorIDs.name(&upstream.Error{Text: `Get "https://proxy.example": <oops>`})
	late := relay.errorIDs.name(&upstream.Error{Text: "read: EOF", InBody: true})
	for in, want := range map[string]string{
		"nothing of ours\n":                                    "nothing of ours\n",
		`invalid response from proxy "` + p0 + `": x`:          `invalid response from proxy "https://user:xxxxx@proxy.example/base": x`,
		p0 + "," + p1:                                          "https://user:xxxxx@proxy.example/base,http://127.0.0.1:1",
		"reading " + p0 + "/a.b/@v/list: 404 Not Found":        "reading https://user:xxxxx@proxy.example/base/a.b/@v/list: 404 Not Found",
		"reading " + p1 + "/a.b/@v/x,y.info: 404 Not Found":    "reading http://127.0.0.1:1/a.b/@v/x%2Cy.info: 404 Not Found",
		"go: x: reading " + p0 + "/a.b: 502 " + id + "\n":      `go: x: Get "https://proxy.example": <oops>` + "\n",
		"# get " + p1 + "/a.b: 502 " + id + " (0.001s)\n":      "# get http://127.0.0.1:1/a.b: " + `Get "https://proxy.example": <oops>` + "\n",
		"# get " + p1 + "/a.b: 502 " + late + " (0.001s)":      "# get http://127.0.0.1:1/a.b: 200 OK (0.001s)",
		"reading " + p0 + "/a.b: 502 gosteady-1":               "reading https://user:xxxxx@proxy.example/base/a.b: 502 gosteady-1", // an upstream's own words
		"reading " + p0 + "/a.b: 502 gosteady-00-1":            "reading https://user:xxxxx@proxy.example/base/a.b: 502 gosteady-00-1",
		strings.Replace("read "+p0+"/@v/v1.zip", "//", "/", 1): "read https:/user:xxxxx@proxy.example/base/@v/v1.zip", // go1.21
		relay.port.base + "/9/x":                               relay.port.base + "/9/x",
		"two: " + p0 + "/a and " + p1 + "/b, that is all.":     "two: https://user:xxxxx@proxy.example/base/a and http://127.0.0.1:1/b, that is all.",
	} {
		if got := string(relay.Rewriter(false).Rewrite([]byte(in))); got != want {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
	in := `"Error": "a.b: reading ` + p0 + `/a.b: 502 ` + id + `"`
	want := `"Error": "a.b: Get \"https://proxy.example\": \u003coops\u003e"`
	if got := string(relay.Rewriter(true).Rewrite([]byte(in))); got != want {
		t.Errorf("JSON: %s", got)
	}
}

// TestPolicyVariables: what a trusted policy adds reaches the child, and
// nothing else does.
func TestPolicyVariables(t *testing.T) {
	b := open(t, "https://proxy.golang.org,direct")
	equal(t, "by default", len(b.relay.Env()), 1)
	b = open(t, "https://proxy.golang.org,direct", func(c *Config) {
		c.Environ = append(c.Environ, "GOPRIVATE=own.example")
		c.Policy.Private = []string{"git.corp.example/*"}
		c.Policy.SumDB = []string{"https://sum.golang.google.cn"}
	})
	env := strings.Join(b.relay.Env(), " ")
	for _, want := range []string{"GOPRIVATE=own.example,git.corp.example/*", "GOSUMDB=sum.golang.org " + b.relay.port.base + "/sumdb"} {
		if !strings.Contains(env, want) {
			t.Errorf("%s lacks %s", env, want)
		}
	}
	if u, err := url.Parse(b.relay.port.base); err != nil || u.Hostname() != "127.0.0.1" {
		t.Error(b.relay.port.base)
	}
}

// TestPrefetch: everything that go.sum names is fetched once, side by side,
// and nothing else.
func TestPrefetch(t *testing.T) {
	store := faultproxy.NewStore()
	var mod, sum strings.Builder
	for _, name := range []string{"a", "b", "c", "d", "unneeded"} {
		path := "example.com/" + name
		if err := store.Add(path, "v1.0.0", map[string]string{name + ".go": "package " + name + "\n"}); err != nil {
			t.Fatal(err)
		}
		lines, err := store.Sum(path, "v1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		sum.WriteString(lines)
		if name != "unneeded" {
			mod.WriteString("require " + path + " v1.0.0\n")
		}
	}
	p := modtest.Proxy(t, faultproxy.Config{Content: store, Latency: 10 * time.Millisecond})
	s := stage{args: []string{"mod", "download"}, env: []string{"GOPROXY=" + p.URL()}, mod: mod.String(), sum: sum.String()}
	s.edit = []func(*Config){func(c *Config) {
		c.Prefetch = Required
		for _, m := range c.Sums.Versions() {
			if m.Path != "example.com/unneeded" {
				c.Required = append(c.Required, m)
			}
		}
	}}
	code, stderr, _, b := s.play(t, true)
	if code != 0 {
		t.Fatal(stderr)
	}
	if got := b.relay.Progress(); got.Done != 4 || got.Total != 4 || got.Bytes == 0 || got.Waiting != "" {
		t.Errorf("%+v", got)
	}
	seen := map[string]int{}
	for _, r := range p.Requests() {
		seen[r.Path]++
	}
	for path, n := range seen {
		if n != 1 || strings.Contains(path, "unneeded") {
			t.Errorf("%s: asked %d times", path, n)
		}
	}
	equal(t, "files", len(seen), 4*3)
}

// TestPrefetchStopsWhereGoStops: where go gives a version up at an entry, no
// other entry is told of it ahead of go.
func TestPrefetchStopsWhereGoStops(t *testing.T) {
	store := helloStore(t)
	info, mod, zip := helloPath+".info", helloPath+".mod", helloPath+".zip"
	for _, tt := range []struct {
		refused string
		sep     string
		want    map[string]int // asked of the second entry
	}{
		{"", ",", map[string]int{"/" + info: 1, "/" + mod: 1, "/" + zip: 1}},
		{info, ",", map[string]int{}},
		{mod, ",", map[string]int{"/" + info: 1}},
		{zip, ",", map[string]int{"/" + info: 1, "/" + mod: 1}},
		{info, "|", map[string]int{"/" + info: 1, "/" + mod: 1, "/" + zip: 1}},
	} {
		rules := "/** status=404"
		if tt.refused != "" {
			rules = "/" + tt.refused + " status=403\n" + rules
		}
		first, second := fault(t, store, rules), fault(t, store, "")
		b := open(t, first.URL()+tt.sep+second.URL(), knowing(sums(t, store)))
		b.relay.prefetch.Run([]module.Version{helloV1})
		var paths []string
		for _, q := range second.Requests() {
			paths = append(paths, q.Path)
		}
		equal(t, "asked of the second after 403 for "+tt.refused+tt.sep, asked(paths), tt.want)
	}
}
