package relay

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
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

// TestCredentialsStay: another host never sees them, whatever header they are
// in, and nothing is told over plain http.
func TestCredentialsStay(t *testing.T) {
	other := newWatchman(t, list)
	srv := newWatchman(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
	})
	helper := writeFile(t, filepath.Join(t.TempDir(), "helper"),
		"printf 'https://"+strings.TrimPrefix(srv.URL, "https://")+"\\n\\nX-Token: secret\\n\\n'\n")
	b := open(t, srv.URL, trustingServer(srv.Server, other.Server), func(c *Config) {
		c.Environ = append(c.Environ, "GOAUTH=sh "+helper, "PATH="+"/bin:/usr/bin")
	})
	if g := b.get(0, hello+"/@v/list"); g.code != 200 {
		t.Fatal(b.words(g))
	}
	equal(t, "the proxy saw", srv.seen, "[secret]")
	equal(t, "the other host saw", other.seen, "[]")
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
// server is asked once more if that brought anything.
func TestAskedAgainWithURL(t *testing.T) {
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
	equal(t, "seen without anything new", len(srv.seen), 1)
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
