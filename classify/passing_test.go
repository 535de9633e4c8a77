package classify

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"syscall"
	"testing"
	"time"
)

// TestPassing: what a signature alone does not tell is told by what stands with it,
// in an error as in its text.
func TestPassing(t *testing.T) {
	const at = `go: example.com/hello@v1.0.0: Get "https://p.corp/example.com/hello/@v/v1.0.0.zip": `
	const tmp = `go: example.com/hello@v1.0.0: rename C:\go\pkg\mod\example.com\hello@v1.0.0.tmp-1 C:\go\pkg\mod\example.com\hello@v1.0.0: `
	const git = "go: example.com/hello@v1.0.0: git ls-remote -q origin in /go/pkg/mod/cache/vcs/1: exit status 128:\n\tfatal: unable to access 'https://h/': "
	for _, tt := range []struct {
		text    string
		class   Class
		passes  bool
		unreach bool
	}{
		{at + "Bad Gateway", HTTPProxy, true, false},
		{at + "Service Unavailable", HTTPProxy, true, false},
		{at + "Gateway Timeout", HTTPProxy, true, false},
		{at + "Forbidden", HTTPProxy, false, false},
		{at + "Proxy Authentication Required", HTTPProxy, false, false},
		{at + "proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused", HTTPProxy, true, true},
		{at + "proxyconnect tcp: dial tcp: lookup proxy.corp: no such host", HTTPProxy, true, true},
		{at + "proxyconnect tcp: dial tcp 10.0.0.1:3128: i/o timeout", HTTPProxy, true, false},
		{at + "proxyconnect tcp: read tcp 10.0.0.2:1->10.0.0.1:3128: read: connection reset by peer", HTTPProxy, true, false},
		{at + "proxyconnect tcp: tls: first record does not look like a TLS handshake", HTTPProxy, false, false},
		{at + "socks connect tcp 127.0.0.1:1080->p.corp:443: unknown error connection refused", HTTPProxy, true, true},
		{at + "socks connect tcp 127.0.0.1:1080->p.corp:443: unknown error connection not allowed by ruleset", HTTPProxy, false, false},
		{git + "Received HTTP code 503 from proxy after CONNECT", HTTPProxy, true, false},
		{git + "Received HTTP code 407 from proxy after CONNECT", HTTPProxy, false, false},
		{git + "CONNECT tunnel failed, response 502", HTTPProxy, true, false},
		{git + "CONNECT tunnel failed, response 403", HTTPProxy, false, false},
		{at + "redirected from secure URL https://p.corp/x to insecure URL http://s.corp/x", BadContent, false, false},
		{tmp + "Access is denied.", CacheIO, true, false},
		{`go: open C:\go\pkg\mod\cache\lock: Access is denied.`, CacheIO, false, false},
		{`go: rename C:\go\pkg\mod\cache\lock.x C:\go\pkg\mod\cache\lock: open C:\go\pkg\mod\cache\lock: Access is denied.`, CacheIO, false, false},
		{at + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-30T14:00:00Z is before 2026-11-30T14:00:59Z", TLSVerify, true, false},
		{at + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-30T14:00:00Z is before 2026-11-30T14:01:00Z", TLSVerify, false, false},
		{at + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-30T14:00:01Z is after 2026-11-30T14:00:00Z", TLSVerify, false, false},
		{"go: example.com/hello@v1.0.0: reading https://p.corp/example.com/hello/@v/v1.0.0.zip: 304 Not Modified", BadContent, true, false},
	} {
		f := Live(tt.text)
		if len(f) != 1 || f[0].Class != tt.class || f[0].Transient != tt.passes || f[0].Unreachable() != tt.unreach {
			t.Errorf("%s\n%+v, want %s, %v, %v", tt.text, f, tt.class, tt.passes, tt.unreach)
		}
	}
}

func TestErrPasses(t *testing.T) {
	proxy := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://p.q", Err: &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}}
	}
	cert := func(in time.Duration) error {
		return x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{NotBefore: time.Now().Add(in)}}
	}
	for _, tt := range []struct {
		err     error
		class   Class
		passes  bool
		unreach bool
	}{
		{&ProxyRefusal{502, "Bad Gateway"}, HTTPProxy, true, false},
		{&ProxyRefusal{503, "no backend"}, HTTPProxy, true, false},
		{&ProxyRefusal{429, "Too Many Requests"}, HTTPProxy, true, false},
		{&ProxyRefusal{501, "Not Implemented"}, HTTPProxy, false, false},
		{&ProxyRefusal{511, "Bad Gateway"}, HTTPProxy, false, false},
		{&ProxyRefusal{403, "Bad Gateway"}, HTTPProxy, false, false},
		{proxy(syscall.ECONNREFUSED), HTTPProxy, true, true},
		{proxy(syscall.ECONNRESET), HTTPProxy, true, false},
		{proxy(&net.DNSError{Err: "no such host", Name: "p"}), HTTPProxy, true, true},
		{proxy(errors.New("tls: first record does not look like a TLS handshake")), HTTPProxy, false, false},
		{proxy(x509.UnknownAuthorityError{}), HTTPProxy, false, false},
		{cert(30 * time.Second), TLSVerify, true, false},
		{cert(2 * time.Minute), TLSVerify, false, false},
		{cert(-time.Hour), TLSVerify, false, false},
	} {
		if f := Err(tt.err); f.Class != tt.class || f.Transient != tt.passes || f.Unreachable() != tt.unreach {
			t.Errorf("%v: %+v, want %s, %v, %v", tt.err, f, tt.class, tt.passes, tt.unreach)
		}
	}
}

func TestValidSoon(t *testing.T) {
	for in, want := range map[time.Duration]bool{time.Hour: false, 30 * time.Second: true, -time.Second: false} {
		err := fmt.Errorf("tls: %w", x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{NotBefore: time.Now().Add(in)}})
		if d, ok := ValidSoon(err); ok != want || ok && (d <= 0 || d > in) {
			t.Errorf("%v: %v %v", in, d, ok)
		}
	}
	if _, ok := ValidSoon(x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign}); ok {
		t.Error("another reason")
	}
}
