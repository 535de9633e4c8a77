// Package httpprobe asks a module proxy or a checksum database one question, and tells what a
// single request meets: the answer or the failure, whose certificate, how long each
// part took.
//
// Nothing is repeated and no connection is used twice. What is asked carries the
// credentials that the go command would send.
package httpprobe

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
	"github.com/gosteady/gosteady/internal/goauth"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// maxBody is as much of an answer as is read: a long list of versions, not a
// zip.
const maxBody = 1 << 20

// A Client asks servers questions, any number side by side.
type Client struct {
	transport *http.Transport
	auth      *goauth.Source
	timeout   time.Duration // of one question
}

// NewClient returns a client for an environment. The timeout is that of one question;
// proxy is [http.ProxyFromEnvironment], or nil for connections without an HTTP proxy.
func NewClient(s *goenv.Settings, environ []string, timeout time.Duration, proxy func(*http.Request) (*url.URL, error)) *Client {
	return &Client{
		transport: &http.Transport{
			Proxy: proxy, ForceAttemptHTTP2: true, TLSHandshakeTimeout: timeout,
			DisableKeepAlives: true, // each question shows what a new connection costs
		},
		auth:    &goauth.Source{Setting: s.Get("GOAUTH"), Environ: environ},
		timeout: timeout,
	}
}

// An Answer is what a server said to one question, or why it said nothing.
type Answer struct {
	Status      int // 0 if there was no answer
	Header      http.Header
	Body        string
	Issuer      string // who signed the certificate; "" for http
	Credentials bool   // were sent
	Timing      Timing
	Failure     classify.Failure // if !OK
}

// OK reports whether the answer is what was asked for.
func (a Answer) OK() bool { return a.Status == http.StatusOK || a.Status == http.StatusPartialContent }

// Reached reports whether the server itself answered, if only to refuse.
func (a Answer) Reached() bool { return a.Status != 0 && a.Status < 500 }

// Get asks for a file. sumdb says that the server is a checksum database,
// where some statuses mean other things.
func (c *Client) Get(ctx context.Context, u *url.URL, sumdb bool) Answer {
	return c.ask(ctx, http.MethodGet, u, sumdb)
}

// Head asks a module proxy whether it has a file, and for none of it.
func (c *Client) Head(ctx context.Context, u *url.URL) Answer {
	return c.ask(ctx, http.MethodHead, u, false)
}

func (c *Client) ask(ctx context.Context, method string, u *url.URL, sumdb bool) Answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	w := &stopwatch{begin: time.Now(), connecting: make(map[string]time.Time)}
	got := c.send(httptrace.WithClientTrace(ctx, w.trace()), method, u, sumdb)
	got.Timing = w.stop()
	return got
}

func (c *Client) send(ctx context.Context, method string, u *url.URL, sumdb bool) (got Answer) {
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		got.Failure = classify.Err(err)
		return got
	}
	c.auth.Add(ctx, req)
	got.Credentials = req.Header.Get("Authorization") != "" || u.User != nil
	client := &http.Client{Transport: c.transport, CheckRedirect: modproxy.CheckRedirect}
	resp, err := client.Do(req)
	if err != nil {
		got.Failure = c.failure(ctx, err)
		return got
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		got.Failure = c.failure(ctx, err)
		return got
	}
	got.Status, got.Header, got.Body = resp.StatusCode, resp.Header, string(body)
	if tls := resp.TLS; tls != nil && len(tls.PeerCertificates) > 0 {
		issuer := tls.PeerCertificates[0].Issuer
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
func (c *Client) failure(ctx context.Context, err error) classify.Failure {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return classify.Failure{Class: classify.Timeout, Transient: true, Evidence: fmt.Sprintf("no answer within %v", c.timeout)}
	}
	return classify.Err(err)
}
