package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/instant"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/upstream"
	"github.com/gosteady/gosteady/policy"
)

// loopback refuses to dial anything but this machine.
func loopback(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if host != "127.0.0.1" {
		return nil, errors.New("tests do not reach the network: " + addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

// A bench is a relay on its bench: what a test gives it and sees of it.
type bench struct {
	tb     testing.TB
	relay  *Relay
	clock  *instant.Clock
	rec    *journal.Recorder
	notes  []string
	client *http.Client
}

// open starts a relay in front of a GOPROXY list; edit may change what it is
// given.
func open(tb testing.TB, list string, edit ...func(*Config)) *bench {
	tb.Helper()
	b := &bench{tb: tb, clock: instant.New(), client: &http.Client{}}
	b.rec = journal.NewRecorder([]string{"test"}, "", b.clock.Now)
	environ := []string{"GOPROXY=" + list, "GOENV=off", "HOME=" + tb.TempDir(), "GOSUMDB=sum.golang.org"}
	c := Config{
		Policy: policy.Default(), Recorder: b.rec, Environ: environ,
		World:  upstream.World{Clock: b.clock, Rand: func() float64 { return 0.5 }, Dial: loopback},
		Debugf: func(format string, args ...any) { tb.Logf(format, args...) },
		Notify: func(line string) { b.notes = append(b.notes, line) },
	}
	for _, f := range edit {
		f(&c)
	}
	if c.Settings == nil {
		c.Settings = goenv.Read(c.Environ, "")
	}
	r, err := Start(context.Background(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { b.relay.Close(); b.client.CloseIdleConnections() })
	b.relay = r
	return b
}

// A got is one answer as go sees it.
type got struct {
	code int
	text string // the status line's words
	typ  string
	body string
	url  string
}

// get asks the relay's i-th entry.
func (b *bench) get(i int, path string) got {
	b.tb.Helper()
	url := b.relay.ends[i].prefix + "/" + path
	res, err := b.client.Get(url)
	if err != nil {
		b.tb.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	return got{res.StatusCode, res.Status, res.Header.Get("Content-Type"), string(body), url}
}

// words is what a person reads of an answer.
func (b *bench) words(g got) string {
	return string(b.relay.Rewriter(false).Rewrite([]byte("reading " + g.url + ": " + g.text)))
}

// healed closes the relay and lists what was healed, as "class action file".
func (b *bench) healed() (list []string) {
	return b.events(journal.Healed)
}

func (b *bench) events(o journal.Outcome) (list []string) {
	b.relay.Close()
	for _, e := range b.rec.Events() {
		if e.Outcome == o {
			list = append(list, fmt.Sprintf("%s %s %s", e.Class, e.Action, e.File))
		}
	}
	return list
}

const hello = "example.com/hello"

var helloV1 = module.Version{Path: hello, Version: "v1.0.0"}

// helloStore has example.com/hello in two versions.
func helloStore(tb testing.TB) *faultproxy.Store {
	tb.Helper()
	store := faultproxy.NewStore()
	for _, v := range []string{"v1.0.0", "v1.1.0"} {
		if err := store.Add(hello, v, map[string]string{"hello.go": "package hello // " + v + "\n"}); err != nil {
			tb.Fatal(err)
		}
	}
	return store
}

// sums are the go.sum lines of example.com/hello v1.0.0.
func sums(tb testing.TB, store *faultproxy.Store) *gosum.Sums {
	tb.Helper()
	lines, err := store.Sum(hello, "v1.0.0")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := gosum.Parse([]byte(lines))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func knowing(s *gosum.Sums) func(*Config) { return func(c *Config) { c.Sums = s } }

// trusting makes the relay accept a test proxy's certificate.
func trusting(p *faultproxy.Proxy) func(*Config) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(p.CertPEM())
	return func(c *Config) { c.TLS = &tls.Config{RootCAs: pool} }
}

func fault(tb testing.TB, content http.Handler, rules string) *faultproxy.Proxy {
	return modtest.Proxy(tb, faultproxy.Config{Content: content, Rules: rules})
}

func writeFile(tb testing.TB, name, text string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		tb.Fatal(err)
	}
	return name
}

func equal(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		tb.Errorf("%s:\n got %s\nwant %s", what, strings.TrimSpace(g), strings.TrimSpace(w))
	}
}

// tryOpen starts a relay that may not start.
func tryOpen(tb testing.TB, list string, environ ...string) (*Relay, error) {
	environ = append([]string{"GOPROXY=" + list, "GOENV=off"}, environ...)
	r, err := Start(context.Background(), Config{Settings: goenv.Read(environ, ""), Environ: environ, World: upstream.World{Dial: loopback}})
	if err == nil {
		tb.Cleanup(func() { r.Close() })
	}
	return r, err
}

// item is what a path below a proxy's base names.
func item(tb testing.TB, path string) modproxy.Item {
	tb.Helper()
	it, err := modproxy.Parse(path)
	if err != nil {
		tb.Fatal(path, err)
	}
	return it
}

// settle waits for all that is being fetched.
func (b *bench) settle() {
	b.tb.Helper()
	eventually(b.tb, "files that are being fetched", func() int64 { return int64(b.relay.prefetch.Counts().Fetching) }, 0)
}

func exists(t *testing.T, name string) bool {
	t.Helper()
	_, err := os.Stat(name)
	return err == nil
}

// rootless is a text without the name of a folder, also as JSON has it.
func rootless(text, root string) string {
	return strings.NewReplacer(strings.Trim(strconv.Quote(root), `"`), "ROOT", root, "ROOT").Replace(text)
}

// needsTrust skips a test whose go is told by SSL_CERT_FILE what to trust.
func needsTrust(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has a store of its own in the place of SSL_CERT_FILE")
	}
}

// needsShell skips a test whose helper is a shell script.
func needsShell(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell here")
	}
}
