package steady

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/relay/goauth"
)

// maxBody is as much of an answer as is read: a long list of versions, not a
// zip.
const maxBody = 1 << 20

// An asker asks servers questions one at a time, without repeating any: what
// it shows is what a single request meets. Its requests carry the credentials
// that the go command would send.
type asker struct {
	transport *http.Transport
	auth      *goauth.Source
	timeout   time.Duration // of one question
}

// newAsker returns an asker for an environment. proxy is [http.ProxyFromEnvironment]
// or nil for connections without an HTTP proxy.
func newAsker(s *goenv.Settings, environ []string, timeout time.Duration, proxy func(*http.Request) (*url.URL, error)) *asker {
	return &asker{
		transport: &http.Transport{
			Proxy: proxy, ForceAttemptHTTP2: true, TLSHandshakeTimeout: timeout,
			DisableKeepAlives: true, // each question shows what a new connection costs
		},
		auth:    &goauth.Source{Setting: s.Get("GOAUTH"), Environ: environ},
		timeout: timeout,
	}
}

// An answer is what a server said to one question, or why it said nothing.
type answer struct {
	Status      int // 0 if there was no answer
	Header      http.Header
	Body        string
	Issuer      string // who signed the certificate; "" for http
	Credentials bool   // were sent
	Timing      timing
	Failure     classify.Failure // if !OK
}

// OK reports whether the answer is what was asked for.
func (a answer) OK() bool { return a.Status == http.StatusOK || a.Status == http.StatusPartialContent }

// Reached reports whether the server itself answered, if only to refuse.
func (a answer) Reached() bool { return a.Status != 0 && a.Status < 500 }

// ask sends one request. sumdb says that the server is a checksum database,
// where some statuses mean other things.
func (a *asker) ask(ctx context.Context, method string, u *url.URL, sumdb bool) answer {
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	w := &stopwatch{begin: time.Now(), connecting: make(map[string]time.Time)}
	got := a.send(httptrace.WithClientTrace(ctx, w.trace()), method, u, sumdb)
	got.Timing = w.stop()
	return got
}

func (a *asker) send(ctx context.Context, method string, u *url.URL, sumdb bool) (got answer) {
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		got.Failure = classify.Err(err)
		return got
	}
	a.auth.Add(ctx, req)
	got.Credentials = req.Header.Get("Authorization") != "" || u.User != nil
	client := &http.Client{Transport: a.transport, CheckRedirect: refuseDowngrade}
	resp, err := client.Do(req)
	if err != nil {
		got.Failure = a.failure(ctx, err)
		return got
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		got.Failure = a.failure(ctx, err)
		return got
	}
	got.Status, got.Header, got.Body = resp.StatusCode, resp.Header, string(body)
	if c := resp.TLS; c != nil && len(c.PeerCertificates) > 0 {
		issuer := c.PeerCertificates[0].Issuer
		got.Issuer = issuer.CommonName
		if len(issuer.Organization) > 0 {
			got.Issuer = issuer.Organization[0]
		}
	}
	if !got.OK() {
		got.Failure = classify.HTTP(resp.StatusCode, got.Body[:min(1024, len(got.Body))], sumdb)
	}
	return got
}

// failure names the end of our patience a timeout, whatever it interrupted.
func (a *asker) failure(ctx context.Context, err error) classify.Failure {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return classify.Failure{Class: classify.Timeout, Transient: true, Evidence: fmt.Sprintf("no answer within %v", a.timeout)}
	}
	f := classify.Err(err)
	if f.Evidence == "" {
		f.Evidence = err.Error()
	}
	return f
}

// refuseDowngrade refuses what the go command refuses.
func refuseDowngrade(req *http.Request, via []*http.Request) error {
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errors.New("redirected from secure URL to insecure URL")
	}
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}
