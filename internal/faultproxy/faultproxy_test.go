package faultproxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	helloZip = "/example.com/hello/@v/v1.0.0.zip"
	helloMod = "/example.com/hello/@v/v1.0.0.mod"
)

func testStore(t *testing.T) *Store {
	t.Helper()
	s := NewStore()
	for _, v := range []string{"v1.0.0", "v1.1.0", "v1.2.0-rc.1"} {
		err := s.Add("example.com/hello", v, map[string]string{
			"hello.go": "package hello\n\nconst Version = \"" + v + "\"\n",
			"big.txt":  strings.Repeat(v+" is not easy to compress? ", 10),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// serve starts a proxy and a client that trusts it.
func serve(t *testing.T, c Config) (*Proxy, *http.Client) {
	t.Helper()
	if c.Content == nil {
		c.Content = testStore(t)
	}
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(p.CertPEM())
	transport := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: pool},
		ForceAttemptHTTP2: c.HTTP2,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return p, &http.Client{Transport: transport}
}

// get returns the body and the first error, of the request or of the body.
func get(c *http.Client, url string) (*http.Response, string, error) {
	resp, err := c.Get(url)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestContentFaults(t *testing.T) {
	whole := string(testStore(t).Zip("example.com/hello", "v1.0.0"))
	other := string(testStore(t).Zip("example.com/hello", "v1.1.0"))
	tests := []struct {
		rule   string
		path   string
		status int
		ok     func(body string, h http.Header) bool
	}{
		{"** status=503 retry-after=7", helloZip, 503, func(b string, h http.Header) bool {
			return h.Get("Retry-After") == "7" && b == "Service Unavailable\n"
		}},
		{`** status=404 body="not found: unknown revision" header=Cache-Control:max-age=60`, helloZip, 404, func(b string, h http.Header) bool {
			return b == "not found: unknown revision" && h.Get("Cache-Control") == "max-age=60"
		}},
		{"** html", helloMod, 200, func(b string, h http.Header) bool {
			return strings.HasPrefix(b, "<!DOCTYPE") && strings.HasPrefix(h.Get("Content-Type"), "text/html")
		}},
		{"** flip", helloZip, 200, func(b string, _ http.Header) bool {
			return len(b) == len(whole) && b != whole
		}},
		{"** drop=v1.1.0", "/example.com/hello/@v/list", 200, func(b string, _ http.Header) bool {
			return b == "v1.0.0\nv1.2.0-rc.1\n"
		}},
		{"** instead=/example.com/hello/@v/v1.1.0.zip", helloZip, 200, func(b string, _ http.Header) bool {
			return b == other
		}},
		{"** cut-silent", helloZip, 200, func(b string, _ http.Header) bool {
			return b == whole[:len(whole)/2]
		}},
		{"** drip=100000", helloZip, 200, func(b string, _ http.Header) bool { return b == whole }},
		{"** slow delay=1ms", helloZip, 200, func(b string, _ http.Header) bool { return b == whole }},
	}
	for _, version := range []string{"HTTP/1.1", "HTTP/2.0"} {
		p, client := serve(t, Config{HTTP2: version == "HTTP/2.0"})
		for _, test := range tests {
			t.Run(version+" "+test.rule, func(t *testing.T) {
				if err := p.Script(test.rule); err != nil {
					t.Fatal(err)
				}
				resp, body, err := get(client, p.URL()+test.path)
				if err != nil {
					t.Fatal(err)
				}
				if resp.StatusCode != test.status || !test.ok(body, resp.Header) || resp.Proto != version {
					t.Errorf("%s %v %q", resp.Status, resp.Header, body)
				}
			})
		}
	}
}

func TestBrokenConnections(t *testing.T) {
	h1 := []struct {
		rule string
		is   error
		text string
	}{
		{"** cut", io.ErrUnexpectedEOF, ""},
		{"** cut after=0", io.ErrUnexpectedEOF, ""},
		{"** cut-chunked", io.ErrUnexpectedEOF, ""},
		{"** abort", io.ErrUnexpectedEOF, ""},
		{"** abort after=0", io.EOF, ""},
		{"** goaway", io.ErrUnexpectedEOF, ""},
		{"** reset", errReset, ""},
		{"** reset after=0", errReset, ""},
	}
	p, client := serve(t, Config{})
	for _, test := range h1 {
		t.Run("HTTP/1.1 "+test.rule, func(t *testing.T) {
			p.Script(test.rule)
			if _, _, err := get(client, p.URL()+helloZip); !errors.Is(err, test.is) {
				t.Errorf("got %v, want %v", err, test.is)
			}
		})
	}
	h2 := []struct{ rule, text string }{
		{"** cut", "unexpected EOF"},
		{"** cut-chunked", "INTERNAL_ERROR; received from peer"},
		{"** abort", "INTERNAL_ERROR; received from peer"},
		{"** abort after=0", "INTERNAL_ERROR; received from peer"},
		{"** goaway", "server sent GOAWAY and closed the connection"},
		{"** reset", errReset.Error()},
	}
	p, client = serve(t, Config{HTTP2: true})
	for _, test := range h2 {
		t.Run("HTTP/2 "+test.rule, func(t *testing.T) {
			p.Script(test.rule)
			_, _, err := get(client, p.URL()+helloZip)
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %v", err, test.text)
			}
		})
	}
}

// errReset is the system's error for a reset connection.
var errReset = func() syscall.Errno {
	if runtime.GOOS == "windows" {
		return 10054 // WSAECONNRESET; syscall.ECONNRESET is an invented number there
	}
	return syscall.ECONNRESET
}()

func TestHanging(t *testing.T) {
	for _, rule := range []string{"** hang", "** stall", "** endless"} {
		t.Run(rule, func(t *testing.T) {
			p, client := serve(t, Config{Rules: rule})
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, "GET", p.URL()+helloZip, nil)
			resp, err := client.Do(req)
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			// Close ends whatever still hangs: the test would not end otherwise.
		})
	}
}

func TestRedirects(t *testing.T) {
	p, client := serve(t, Config{Rules: "** redirect=self"})
	if _, _, err := get(client, p.URL()+helloMod); err == nil || !strings.Contains(err.Error(), "stopped after 10 redirects") {
		t.Errorf("in a circle: %v", err)
	}
	other, _ := serve(t, Config{})
	p.Script("** redirect=" + other.URL())
	if _, body, err := get(client, p.URL()+helloMod); err != nil || !strings.HasPrefix(body, "module example.com/hello") {
		t.Errorf("elsewhere: %v %q", err, body)
	}
	if other.Count(helloMod) != 1 {
		t.Errorf("elsewhere was asked %v", other.Requests())
	}
}

func TestRefuse(t *testing.T) {
	p, client := serve(t, Config{})
	p.Refuse()
	var op *net.OpError
	if _, _, err := get(client, p.URL()+helloMod); !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("refused: %v", err)
	}
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := get(client, p.URL()+helloMod); err != nil {
		t.Errorf("listening again: %v", err)
	}
}

func TestBadCertificates(t *testing.T) {
	for cert, want := range map[Cert]string{ExpiredCert: "expired", OtherHost: "127.0.0.1"} {
		p, client := serve(t, Config{TLS: true, Cert: cert})
		var invalid *tls.CertificateVerificationError
		_, _, err := get(client, p.URL()+helloMod)
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", cert, err)
		}
	}
}

func TestRanges(t *testing.T) {
	store := testStore(t)
	p, client := serve(t, Config{Content: store, Rules: "**.zip first=1 cut"})
	resp, first, err := get(client, p.URL()+helloZip)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	req, _ := http.NewRequest("GET", p.URL()+helloZip, nil)
	req.Header.Set("Range", "bytes="+itoa(len(first))+"-")
	req.Header.Set("If-Range", resp.Header.Get("Etag"))
	resp, err = client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusPartialContent || first+string(rest) != string(store.Zip("example.com/hello", "v1.0.0")) {
		t.Errorf("%s, %d + %d bytes", resp.Status, len(first), len(rest))
	}

	store.NoRange = true
	resp, err = client.Do(req.Clone(context.Background()))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Etag") != "" {
		t.Errorf("without ranges: %s %v", resp.Status, resp.Header)
	}
}

func TestLog(t *testing.T) {
	p, client := serve(t, Config{Rules: "**.zip status=500"})
	get(client, p.URL()+helloMod)
	get(client, p.URL()+helloZip)
	log := p.Requests()
	if len(log) != 2 || log[0].Path != helloMod || log[0].Fault != "" || log[1].Fault != "status=500" || log[1].Host != p.Addr() {
		t.Errorf("%+v", log)
	}
	if p.Count("**/v1.0.0.*") != 2 || p.Count("**.zip") != 1 {
		t.Error("counts by pattern")
	}
	if p.Forget(); len(p.Requests()) != 0 {
		t.Error("not forgotten")
	}
}

func TestBandwidth(t *testing.T) {
	pace := &pacer{rate: 1 << 20}
	start := time.Now()
	pace.wait(1 << 15)
	pace.wait(1 << 15)
	if d := time.Since(start); d < 60*time.Millisecond {
		t.Errorf("64 KiB at 1 MiB/s took %v", d)
	}
	p, client := serve(t, Config{Bandwidth: 1 << 30, Latency: time.Microsecond})
	if _, body, err := get(client, p.URL()+helloMod); err != nil || body == "" {
		t.Error(err)
	}
}

// refused is what the system says of a port where nobody listens.
var refused = func() syscall.Errno {
	if runtime.GOOS == "windows" {
		return 10061 // WSAECONNREFUSED
	}
	return syscall.ECONNREFUSED
}()

// TestKill: what is under way breaks, what comes is refused, and it comes back.
func TestKill(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		p, client := serve(t, Config{HTTP2: http2, Rules: "**.zip stall"})
		res, err := client.Get(p.URL() + helloZip)
		if err != nil {
			t.Fatal(err)
		}
		p.Kill()
		if _, err := io.Copy(io.Discard, res.Body); err == nil {
			t.Error("the body came to its end")
		}
		res.Body.Close()
		if _, _, err := get(client, p.URL()+helloMod); !errors.Is(err, refused) {
			t.Error(err)
		}
		if err := p.Listen(); err != nil {
			t.Fatal(err)
		}
		if _, _, err := get(client, p.URL()+helloMod); err != nil {
			t.Error(err)
		}
	}
}
