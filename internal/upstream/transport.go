package upstream

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
)

const (
	// PerHost is how many requests run side by side where HTTP/1.1 needs a
	// connection for each; HTTP/2 shares one.
	PerHost = 8
	// pingAfter and pingTimeout find an HTTP/2 connection that died without a
	// word, so that it is not used for every further request.
	pingAfter   = 15 * time.Second
	pingTimeout = 10 * time.Second
	// mostOld is how many transports that were given up are closed again at the end; what is
	// left of others closes by itself.
	mostOld = 8
	// streamBuffer is what one HTTP/2 stream may send ahead of us. The default
	// of 4 MiB for each of many streams is most of the memory of a large
	// download; a megabyte is 7 MB/s for each at 150 ms.
	streamBuffer = 1 << 20
)

// newTransport is http.DefaultTransport with deadlines of our own and without
// a place in the global pool.
func (g *Group) newTransport() *http.Transport {
	t := g.config.Policy.Timeouts
	return &http.Transport{
		Proxy:                  g.config.Proxy,
		OnProxyConnectResponse: connected,
		DialContext:            g.dial,
		TLSClientConfig:        g.config.TLS.Clone(),
		TLSHandshakeTimeout:    t.Connect,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    2 * PerHost,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout, MaxReceiveBufferPerStream: streamBuffer},
	}
}

// connected keeps the status of an HTTP proxy's refusal, which net/http drops. Its
// words are those that net/http would have used.
func connected(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	_, text, ok := strings.Cut(res.Status, " ")
	if !ok {
		text = "unknown status code"
	}
	return &classify.ProxyRefusal{Status: res.StatusCode, Text: text}
}

// lines are the connections to one upstream. A request that hangs is repeated
// over new ones, since HTTP/2 would send it down the same dead connection.
type lines struct {
	make func() *http.Transport

	mu      sync.Mutex
	current *http.Transport
	second  *http.Transport
	old     []*http.Transport
}

// RoundTrip sends a request without more ado, and makes the connections when the first one
// comes.
func (l *lines) RoundTrip(req *http.Request) (*http.Response, error) { return l.main().RoundTrip(req) }

func (l *lines) main() *http.Transport {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == nil {
		l.current = l.make()
	}
	return l.current
}

// other returns connections apart from the main ones.
func (l *lines) other() *http.Transport {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.second == nil {
		l.second = l.make()
	}
	return l.second
}

// renew puts new connections in the place of those that t has. What runs on
// the old ones goes on; those that are idle would only wait for their end.
func (l *lines) renew(t *http.Transport) {
	if t != nil && l.retire(t) {
		t.CloseIdleConnections()
	}
}

// retire reports whether t was in use.
func (l *lines) retire(t *http.Transport) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch t {
	case l.current:
		l.current, l.second = l.second, nil
	case l.second:
		l.second = nil
	default:
		return false
	}
	l.old = append(l.old, t)
	if len(l.old) > mostOld {
		l.old[0].CloseIdleConnections()
		l.old = l.old[1:]
	}
	return true
}

func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range append(l.old, l.current, l.second) {
		if t != nil {
			t.CloseIdleConnections()
		}
	}
}
