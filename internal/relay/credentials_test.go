package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// A watchman is a TLS server that notes the credentials it is shown.
type watchman struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func newWatchman(t *testing.T, handler http.HandlerFunc) *watchman {
	w := &watchman{}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		w.mu.Lock()
		w.seen = append(w.seen, strings.Trim(user+":"+password+" "+r.Header.Get("X-Token"), " :"))
		w.mu.Unlock()
		handler(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

func trustingServer(servers ...*httptest.Server) func(*Config) {
	pool := x509.NewCertPool()
	for _, s := range servers {
		pool.AddCert(s.Certificate())
	}
	return func(c *Config) { c.TLS = &tls.Config{RootCAs: pool} }
}

func list(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("v1.0.0\n")) }

func netrc(t *testing.T, text string) func(*Config) {
	file := writeFile(t, filepath.Join(t.TempDir(), "netrc"), text)
	return func(c *Config) { c.Environ = append(c.Environ, "NETRC="+file) }
}

// TestCredentials: as go sends them, and over https only.
func TestCredentials(t *testing.T) {
	srv := newWatchman(t, list)
	host := strings.TrimPrefix(srv.URL, "https://")
	for _, tt := range []struct{ name, list, netrc, want string }{
		{"none", srv.URL, "", ""},
		{"netrc", srv.URL, "machine " + host + " login u password p", "u:p"},
		{"userinfo", strings.Replace(srv.URL, "https://", "https://a:b@", 1), "", "a:b"},
	} {
		b := open(t, tt.list, trustingServer(srv.Server), netrc(t, tt.netrc))
		if g := b.get(0, hello+"/@v/list"); g.code != 200 {
			t.Fatal(b.words(g))
		}
		if got := srv.seen[len(srv.seen)-1]; got != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
	plain := fault(t, helloStore(t), "")
	b := open(t, plain.URL(), netrc(t, "machine "+plain.Addr()+" login u password p"))
	b.get(0, hello+"/@v/list")
	if h := plain.Requests()[0].Header; h.Get("Authorization") != "" {
		t.Error("credentials in the clear")
	}
}

// A tour is a TLS server of all names that redirects along a list of places, and
// notes the credentials that it is shown at each.
type tour struct {
	*httptest.Server
	places []string // of the redirects, as HOST or HOST:PORT
	seen   []string
}

func newTour(t *testing.T, places []string) *tour {
	r := &tour{places: places}
	r.Server = httptest.NewTLSServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *tour) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h := req.Header
	r.seen = append(r.seen, fmt.Sprintf("%s %q %q %q", req.Host, h.Get("Authorization"), h.Get("Cookie"), h.Get("X-Token")))
	if n := len(r.seen); n <= len(r.places) {
		http.Redirect(w, req, "https://"+r.places[n-1]+req.URL.Path, http.StatusFound)
		return
	}
	list(w, req)
}

func (r *tour) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return loopback(ctx, network, r.Listener.Addr().String())
}

// TestCredentialsFollow: redirects are shown the credentials that go's own client
// would show them, no more and no less.
func TestCredentialsFollow(t *testing.T) {
	needsShell(t)
	const start = "proxy.example"
	header := http.Header{"Authorization": {"Bearer a"}, "Cookie": {"b=c"}, "X-Token": {"d"}}
	helper := writeFile(t, filepath.Join(t.TempDir(), "helper"),
		"printf 'https://"+start+"\n\nAuthorization: Bearer a\nCookie: b=c\nX-Token: d\n\n'\n")
	insecure := &tls.Config{InsecureSkipVerify: true}
	for _, places := range [][]string{
		nil,
		{start},
		{start + ":8443"},
		{start + ":8443", start},
		{"files." + start},
		{"elsewhere.example"},
		{"elsewhere.example", start},
		{"notproxy.example"},
		{"example"},
		{"127.0.0.1", "[::1]:8443"},
	} {
		plain := newTour(t, places)
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: insecure, DialContext: plain.dial}}
		req, err := http.NewRequest("GET", "https://"+start+"/"+hello+"/@v/list", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header.Clone()
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()

		ours := newTour(t, places)
		b := open(t, "https://"+start, func(c *Config) {
			c.TLS, c.Dial = insecure, ours.dial
			c.Environ = append(c.Environ, "GOAUTH=sh "+helper, "PATH=/bin:/usr/bin")
		})
		if g := b.get(0, hello+"/@v/list"); g.code != 200 {
			t.Fatal(b.words(g))
		}
		equal(t, fmt.Sprintf("shown on the way to %v", places), strings.Join(ours.seen, "\n"), strings.Join(plain.seen, "\n"))
	}
}

// TestInsecureRedirect is refused, as go refuses it.
func TestInsecureRedirect(t *testing.T) {
	plain := fault(t, helloStore(t), "")
	p := modtest.Proxy(t, faultproxy.Config{Content: helloStore(t), TLS: true, Rules: "** redirect=" + plain.URL()})
	b := open(t, p.URL(), trusting(p))
	g := b.get(0, hello+"/@v/list")
	if w := b.words(g); g.code != 502 || !strings.Contains(w, "redirected from secure URL "+p.URL()) {
		t.Errorf("%s: %s", g.text, w)
	}
	if plain.Count("**") != 0 {
		t.Error("followed")
	}
}

// TestAskedAgainWithURL: after a 4xx the command hears of the URL, and the
// server is asked with what that brought; else as before, since go asks twice.
func TestAskedAgainWithURL(t *testing.T) {
	needsShell(t)
	srv := newWatchman(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Token") != "for-url" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		list(w, r)
	})
	helper := writeFile(t, filepath.Join(t.TempDir(), "helper"),
		`if [ -n "$1" ]; then printf '%s\n\nX-Token: for-url\n\n' "$1"; fi`+"\n")
	b := open(t, srv.URL, trustingServer(srv.Server), func(c *Config) {
		c.Environ = append(c.Environ, "GOAUTH=sh "+helper, "PATH=/bin:/usr/bin")
	})
	if g := b.get(0, hello+"/@v/list"); g.code != 200 {
		t.Fatal(b.words(g))
	}
	equal(t, "seen", srv.seen, "[ for-url]")

	b = open(t, srv.URL, trustingServer(srv.Server), netrc(t, ""))
	srv.seen = nil
	if g := b.get(0, hello+"/@v/list"); g.code != 401 {
		t.Error(g.text)
	}
	equal(t, "seen without anything new", srv.seen, "[ ]")
}

// TestNoSecretsInJournal: neither in an event nor in a debug line.
func TestNoSecretsInJournal(t *testing.T) {
	var lines []string
	b := open(t, "https://user:hunter2@127.0.0.1:1", func(c *Config) {
		c.Debugf = func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	})
	b.get(0, hello+"/@v/v1.0.0.zip")
	b.relay.Close()
	for _, e := range b.rec.Events() {
		lines = append(lines, e.Text+" "+e.Upstream)
	}
	for _, f := range b.relay.Unhealed() {
		lines = append(lines, f.Text+" "+f.Upstream+" "+f.Evidence)
	}
	if all := strings.Join(lines, "\n"); strings.Contains(all, "hunter2") || len(lines) < 3 {
		t.Error(all)
	}
}
