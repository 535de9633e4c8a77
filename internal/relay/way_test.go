package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/family"
	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/instant"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/retry"
)

// A dual is a host with an address of each family; "" for none.
type dual struct{ v4, v6 string }

// dialing resolves names as a test says. As the system does, it prefers IPv6.
func dialing(hosts map[string]dual) func(*Config) {
	return func(c *Config) {
		c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, _, _ := net.SplitHostPort(addr)
			to := hosts[host].v6
			if to == "" || network == "tcp4" {
				to = hosts[host].v4
			}
			if to == "" || network == "tcp6" && hosts[host].v6 == "" {
				return nil, errors.New("no suitable address found")
			}
			var d net.Dialer
			return d.DialContext(ctx, "tcp", to)
		}
	}
}

// on6 serves connections on IPv6's loopback.
func on6(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6: ", err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go serve(conn)
		}
	}()
	return l.Addr().String()
}

// silent never answers, and cutOff resets.
func silent(net.Conn) {}

func cutOff(conn net.Conn) {
	conn.Read(make([]byte, 1))
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// forward leads to a server.
func forward(to string) func(net.Conn) {
	return func(conn net.Conn) {
		server, err := net.Dial("tcp", to)
		if err != nil {
			conn.Close()
			return
		}
		go io.Copy(server, conn)
		io.Copy(conn, server)
		conn.Close()
		server.Close()
	}
}

func trustingAll(proxies ...*faultproxy.Proxy) func(*Config) {
	pool := x509.NewCertPool()
	for _, p := range proxies {
		pool.AppendCertsFromPEM(p.CertPEM())
	}
	return func(c *Config) { c.TLS = &tls.Config{RootCAs: pool} }
}

// noted are the texts that "go steady last" has beside the failures.
func (b *bench) noted() string {
	b.relay.Close()
	var list []string
	for _, e := range b.rec.Events() {
		if e.Outcome == journal.Noted && e.Action != "hedge" {
			list = append(list, e.Upstream+" "+e.Action)
		}
	}
	return strings.Join(list, "; ")
}

// TestOtherFamily: where connections by IPv6 come about and are of no use, the next
// one goes by IPv4, this command's and the next one's; and both are told.
func TestOtherFamily(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve func(good string) func(net.Conn)
		hedge time.Duration
		want  string
	}{
		{"stalls in the handshake", func(string) func(net.Conn) { return silent }, 0, "[tls-handshake retry zip]"},
		{"and another start is quicker", func(string) func(net.Conn) { return silent }, 30 * time.Millisecond, "[]"},
		{"resets", func(string) func(net.Conn) { return cutOff }, 0, "[reset retry zip]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := modtest.Proxy(t, faultproxy.Config{Content: helloStore(t), TLS: true, HTTP2: true})
			hosts := map[string]dual{"mods.test": {p.Addr(), on6(t, tt.serve(p.Addr()))}}
			state, clock := t.TempDir(), instant.New()
			start := func(t *testing.T) *bench {
				return open(t, "https://mods.test", trusting(p), dialing(hosts), func(c *Config) {
					c.Policy.Timeouts.Connect, c.Policy.Hedge, c.State, c.Clock = 500*time.Millisecond, tt.hedge, state, clock
				})
			}
			b := start(t)
			equal(t, "status", b.get(0, hello+"/@v/v1.0.0.zip").code, http.StatusOK)
			equal(t, "healed", b.healed(), tt.want)
			equal(t, "noted", b.noted(), "mods.test dial by IPv4")
			equal(t, "remembered", len(family.Known(state, clock.Now())), 1)

			b = start(t)
			equal(t, "status", b.get(0, hello+"/@v/v1.0.0.zip").code, http.StatusOK)
			equal(t, "healed by the next command", b.healed(), "[]")
			equal(t, "noted by the next command", b.noted(), "")
		})
	}
}

// TestOneFamily: a host with one family alone is asked by that again, and nothing is
// said or remembered of the other.
func TestOneFamily(t *testing.T) {
	p := modtest.Proxy(t, faultproxy.Config{Content: helloStore(t), TLS: true, Rules: "** first=2 reset after=0"})
	for _, has := range []string{"IPv4", "IPv6"} {
		t.Run(has, func(t *testing.T) {
			p.Script("** first=2 reset after=0")
			hosts := map[string]dual{"mods.test": {v4: p.Addr()}}
			if has == "IPv6" {
				hosts["mods.test"] = dual{v6: on6(t, forward(p.Addr()))}
			}
			state := t.TempDir()
			b := open(t, "https://mods.test", trusting(p), dialing(hosts), knowing(sums(t, helloStore(t))), func(c *Config) { c.State = state })
			equal(t, "status", b.get(0, hello+"/@v/v1.0.0.zip").code, http.StatusOK)
			equal(t, "noted", b.noted(), "")
			if files, _ := filepath.Glob(filepath.Join(state, "fam*")); len(files) > 0 {
				t.Error(files)
			}
		})
	}
}

// TestBehindRedirect: what a storage host refuses is not the proxy's word. The proxy is
// asked for another address, the host by the other family, and it is named; for good, it
// is what go gets.
func TestBehindRedirect(t *testing.T) {
	store := helloStore(t)
	refusing := modtest.Proxy(t, faultproxy.Config{Content: store, TLS: true, Rules: "** status=403"})
	good := modtest.Proxy(t, faultproxy.Config{Content: store, TLS: true})
	p := modtest.Proxy(t, faultproxy.Config{Content: store, TLS: true, Rules: "** redirect=https://storage.test"})
	const path = hello + "/@v/v1.0.0.zip"
	known := knowing(sums(t, store))

	t.Run("by IPv6", func(t *testing.T) {
		refusing.Forget()
		hosts := map[string]dual{"mods.test": {v4: p.Addr()}, "storage.test": {good.Addr(), on6(t, forward(refusing.Addr()))}}
		b := open(t, "https://mods.test", trustingAll(p, good, refusing), dialing(hosts), known)
		equal(t, "status", b.get(0, path).code, http.StatusOK)
		equal(t, "refused", refusing.Count("**"), 1)
		equal(t, "healed", b.healed(), "[forbidden retry zip]")
		equal(t, "noted", b.noted(), "storage.test dial by IPv4")
		equal(t, "named", b.rec.Events()[1].Upstream, "storage.test")
	})
	for name, rules := range map[string]string{
		"once":               "** first=1 status=403",
		"a signature is old": "** first=2 status=400",
	} {
		t.Run(name, func(t *testing.T) {
			good.Script(rules)
			hosts := map[string]dual{"mods.test": {v4: p.Addr()}, "storage.test": {v4: good.Addr()}}
			b := open(t, "https://mods.test", trustingAll(p, good), dialing(hosts), known)
			equal(t, "status", b.get(0, path).code, http.StatusOK)
			equal(t, "healed", b.healed(), "[forbidden retry zip]")
			equal(t, "noted", b.noted(), "")
		})
	}
	t.Run("for good", func(t *testing.T) {
		p.Forget()
		refusing.Forget()
		hosts := map[string]dual{"mods.test": {v4: p.Addr()}, "storage.test": {v4: refusing.Addr()}}
		b := open(t, "https://mods.test", trustingAll(p, refusing), dialing(hosts), known)
		equal(t, "status", b.get(0, path).code, http.StatusForbidden)
		equal(t, "asked", p.Count("**"), retry.BehindTries)
		f := b.relay.Unhealed()[0]
		equal(t, "host", f.Host, "storage.test")
		equal(t, "go's words", f.Text, "reading https://mods.test/"+path+": 403 Forbidden (server response: Forbidden)")
		b.healed()
		equal(t, "journal", b.rec.Events()[0].Upstream, "storage.test")
	})
	t.Run("a policy says fail", func(t *testing.T) {
		p.Forget()
		hosts := map[string]dual{"mods.test": {v4: p.Addr()}, "storage.test": {v4: refusing.Addr()}}
		b := open(t, "https://mods.test", trustingAll(p, refusing), dialing(hosts), known, attempts(1))
		equal(t, "status", b.get(0, path).code, http.StatusForbidden)
		equal(t, "asked", p.Count("**"), 2) // as go does
	})
	t.Run("a broken body", func(t *testing.T) {
		good.Script("** first=1 cut")
		hosts := map[string]dual{"mods.test": {v4: p.Addr()}, "storage.test": {v4: good.Addr()}}
		b := open(t, "https://mods.test", trustingAll(p, good), dialing(hosts), known)
		equal(t, "status", b.get(0, path).code, http.StatusOK)
		equal(t, "healed", b.healed(), "[truncated resume zip]")
		equal(t, "named", b.rec.Events()[0].Upstream, "storage.test")
	})
	t.Run("nobody listens", func(t *testing.T) {
		hosts := map[string]dual{"mods.test": {v4: p.Addr()}, "storage.test": {v4: "127.0.0.1:1"}}
		b := open(t, "https://mods.test", trustingAll(p, good), dialing(hosts), known, attempts(1))
		equal(t, "status", b.get(0, path).code, http.StatusBadGateway)
		equal(t, "host", b.relay.Unhealed()[0].Host, "storage.test")
	})
}
