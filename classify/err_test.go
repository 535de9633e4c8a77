package classify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"
	"time"
)

// TestErrOfRealFailures lets net/http meet each failure on loopback.
func TestErrOfRealFailures(t *testing.T) {
	serve := func(h http.HandlerFunc, overTLS bool) string {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.EnableHTTP2 = overTLS
		if overTLS {
			s.StartTLS()
		} else {
			s.Start()
		}
		t.Cleanup(s.Close)
		return s.URL
	}
	plain := serve(func(w http.ResponseWriter, r *http.Request) {
		cut(r.URL.Path, r.URL.Path == "/body", r.URL.Query().Has("reset"))(w, r)
	}, false)
	secure := serve(func(http.ResponseWriter, *http.Request) {}, true)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	via := func(proxy string) http.RoundTripper {
		u, _ := url.Parse(proxy)
		return &http.Transport{Proxy: http.ProxyURL(u)}
	}
	for _, c := range []struct {
		name  string
		url   string
		trip  http.RoundTripper
		want  Class
		retry bool
	}{
		{"refused", "http://127.0.0.1:9/", nil, Connect, true},
		{"a port that does not exist", "https://127.0.0.1:70000/", nil, Configuration, false},
		{"reset", plain + "/?reset", nil, Reset, true},
		{"closed", plain + "/", nil, Truncated, true},
		{"cut body", plain + "/body", nil, Truncated, true},
		{"unknown authority", secure, nil, TLSVerify, false},
		{"TLS asked of plain http", "https" + plain[len("http"):], nil, TLSVerify, false},
		{"no answer", "http://" + silent.Addr().String(), &http.Transport{ResponseHeaderTimeout: 20 * time.Millisecond}, Timeout, true},
		{"no handshake", "https://" + silent.Addr().String(), &http.Transport{TLSHandshakeTimeout: 20 * time.Millisecond}, TLSHandshake, true},
		{"HTTP proxy down", "https://p.invalid", via("http://127.0.0.1:9"), HTTPProxy, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := &http.Client{Transport: c.trip}
			if c.trip == nil {
				client.Transport = &http.Transport{}
			}
			resp, err := client.Get(c.url)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			if f := Err(err); f.Class != c.want || f.Transient != c.retry {
				t.Errorf("%v: %+v, want %s", err, f, c.want)
			}
		})
	}
}

func TestErrByItsType(t *testing.T) {
	for _, c := range []struct {
		err  error
		want Class
	}{
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "p.q"}}, DNS},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}, DNS},
		{&net.OpError{Op: "proxyconnect", Err: &net.DNSError{Err: "no such host"}}, HTTPProxy},
		{&url.Error{Op: "Get", URL: "https://p.q", Err: &ProxyRefusal{Status: 502, Text: "Bad Gateway"}}, HTTPProxy},
		{&url.Error{Op: "Get", URL: "http://s.q", Err: errors.New("redirected from secure URL https://p.q to insecure URL http://s.q")}, BadContent},
		{fmt.Errorf("wrapped: %w", syscall.ECONNRESET), Reset},
		{fmt.Errorf("wrapped: %w", syscall.ENETUNREACH), Connect},
		{fmt.Errorf("wrapped: %w", context.DeadlineExceeded), Timeout},
		{io.ErrUnexpectedEOF, Truncated},
		{&url.Error{Op: "Get", URL: "https://me:hunter2@p.q", Err: io.EOF}, Truncated},
		{context.Canceled, NotFetch},
		{nil, NotFetch},
	} {
		f := Err(c.err)
		if f.Class != c.want {
			t.Errorf("%v: %s, want %s", c.err, f.Class, c.want)
		}
	}
	if f := Err(&url.Error{Op: "Get", URL: "https://me:hunter2@p.q", Err: errors.New("x")}); f.Evidence != `Get "https://xxxxx@p.q": x` {
		t.Errorf("evidence %q", f.Evidence)
	}
}

// A Failure is an error: it says what it is by its class, and what it was read from.
func TestFailureIsAnError(t *testing.T) {
	from := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "p.q"}}
	err := fmt.Errorf("asking p.q: %w", Err(from))
	if !errors.Is(err, DNS) || errors.Is(err, Connect) || !errors.Is(err, from) {
		t.Errorf("%v is dns %v, connect %v, what it was read from %v", err, errors.Is(err, DNS), errors.Is(err, Connect), errors.Is(err, from))
	}
	var op *net.OpError
	var f Failure
	if !errors.As(err, &op) || !errors.As(err, &f) || !f.Transient {
		t.Errorf("%v hides %v, or the failure %+v", err, op, f)
	}
	for want, f := range map[string]Failure{
		"asking p.q: dial: lookup p.q: no such host": Err(err),
		"server-error":                  {Class: ServerError, Status: 503},
		"context canceled":              Err(context.Canceled),
		`Get "https://xxxxx@p.q": EOF`:  Err(&url.Error{Op: "Get", URL: "https://me:hunter2@p.q", Err: io.EOF}),
		"go: m@v1: 503 Service is busy": {Class: ServerError, Evidence: "go: m@v1: 503 Service is busy"},
	} {
		if f.Error() != want {
			t.Errorf("Error() = %q, want %q", f.Error(), want)
		}
	}
}
