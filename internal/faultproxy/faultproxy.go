// Package faultproxy is a module proxy that fails on purpose.
//
// It serves real module zips over a real net/http server on loopback, and spoils
// some of the answers as a script says, so that tests, benchmarks and the
// demonstration meet the failures of the field instead of imitations of them: a
// reset is a TCP reset, a GOAWAY is an HTTP/2 frame, a cut body is one whose
// connection ends too early.
//
//	store := faultproxy.NewStore()
//	store.Add("example.com/hello", "v1.0.0", map[string]string{"hello.go": "package hello\n"})
//	p, err := faultproxy.Start(faultproxy.Config{Content: store})
//	defer p.Close()
//	err = p.Script("/example.com/**.zip first=2 reset")
//	… GOPROXY=p.URL() …
//	p.Count("**.zip") // 3
//
// # Content
//
// Any http.Handler is content: a [Store] of modules made in memory, which also has
// a checksum database of its own, a directory in the layout of
// GOMODCACHE/cache/download (http.FileServer), or something that asks a proxy
// further up. The faults do not care.
//
// # Rules
//
// A rule is one line: a path pattern, when it strikes, and what it does. See
// [ParseRules] for the words.
//
// The package has no test imports: the shipped command uses it for its
// demonstration.
package faultproxy

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Config says what a proxy serves and how. Only Content is needed.
type Config struct {
	Content http.Handler

	TLS   bool // serve https with a certificate of a CA made for this proxy
	HTTP2 bool // offer HTTP/2; implies TLS
	Cert  Cert // a certificate with something wrong; zero: a good one

	Host      string        // the host in URL; zero: 127.0.0.1
	Latency   time.Duration // before every answer; zero: none
	Bandwidth int           // bytes a second, all answers together; zero: no limit
	Rules     string        // as for Script
}

// A Proxy is a running server.
type Proxy struct {
	config Config
	server *http.Server
	ca     *authority
	pace   *pacer
	done   chan struct{} // closed by Close: ends what hangs

	mu       sync.Mutex
	listener net.Listener
	addr     string
	conns    map[net.Conn]bool // that are open
	rules    []*Rule
	log      []Request
}

// Start begins to serve on a free port of 127.0.0.1.
func Start(c Config) (*Proxy, error) {
	c.TLS = c.TLS || c.HTTP2
	p := &Proxy{config: c, done: make(chan struct{}), pace: &pacer{rate: c.Bandwidth}, conns: map[net.Conn]bool{}}
	if err := p.Script(c.Rules); err != nil {
		return nil, err
	}
	p.server = &http.Server{
		Handler:     p,
		ConnContext: withConn,
		ConnState:   p.noteConn,
		// Broken connections are what this server is for.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	if c.TLS {
		if err := p.setTLS(); err != nil {
			return nil, err
		}
	}
	if err := p.Listen(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Proxy) setTLS() error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	p.ca = ca
	issue := sync.OnceValues(func() (*tls.Certificate, error) { return ca.issue(p.config.Cert, p.config.Host) })
	p.server.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return issue() }}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(p.config.HTTP2)
	p.server.Protocols = protocols
	return nil
}

// Listen accepts connections again after Refuse, on the same port.
func (p *Proxy) Listen() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return nil
	}
	addr := p.addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	p.listener, p.addr = l, l.Addr().String()
	if p.config.TLS {
		go p.server.ServeTLS(l, "", "")
	} else {
		go p.server.Serve(l)
	}
	return nil
}

// Refuse stops listening, so that further connections are refused; those that are
// open stay.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
}

// Kill is Refuse that closes the open connections as well, whatever is on them: what
// clients see of a server that is killed. Listen starts it again.
func (p *Proxy) Kill() {
	p.Refuse()
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.conns {
		conn.Close()
	}
	clear(p.conns)
}

func (p *Proxy) noteConn(conn net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch state {
	case http.StateNew:
		p.conns[conn] = true
		if p.listener == nil {
			conn.Close() // it was accepted while we were killed
		}
	case http.StateClosed: // one that was hijacked stays ours
		delete(p.conns, conn)
	}
}

// Close ends the server and everything that hangs in it.
func (p *Proxy) Close() error {
	p.mu.Lock()
	select {
	case <-p.done:
	default:
		close(p.done)
	}
	p.mu.Unlock()
	return p.server.Close()
}

// URL is the address for GOPROXY.
func (p *Proxy) URL() string {
	scheme := "http://"
	if p.config.TLS {
		scheme = "https://"
	}
	return scheme + p.Addr()
}

// Addr is the host and port of URL.
func (p *Proxy) Addr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, port, _ := net.SplitHostPort(p.addr)
	host := p.config.Host
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// CertPEM is the certificate of the CA, for SSL_CERT_FILE; nil without TLS.
func (p *Proxy) CertPEM() []byte {
	if p.ca == nil {
		return nil
	}
	return p.ca.pem
}

// Script replaces the rules, one a line, and starts their counts anew.
func (p *Proxy) Script(rules string) error {
	parsed, err := ParseRules(rules)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = parsed
	return nil
}

// ServeHTTP answers from the content, unless a rule strikes.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := p.strike(r)
	p.sleep(r.Context(), p.config.Latency)
	if p.pace.rate > 0 {
		w = &pacedWriter{ResponseWriter: w, pace: p.pace}
	}
	if fault == nil {
		p.config.Content.ServeHTTP(w, r)
		return
	}
	p.spoil(w, r, fault)
}

// strike logs the request and finds the first rule that strikes. Every rule that
// matches counts the request, also behind one that has struck, so that a rule's
// count does not depend on those above it.
func (p *Proxy) strike(r *http.Request) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	var fault *Fault
	for _, rule := range p.rules {
		if rule.strikes(r.URL.Path, now) && fault == nil {
			fault = &rule.Fault
		}
	}
	p.log = append(p.log, newRequest(r, now, fault))
	return fault
}

// sleep waits, but not longer than the client or the server are interested.
func (p *Proxy) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-p.done:
	}
}

type connKey struct{}

// withConn keeps the connection where a fault can reach it: resets and GOAWAY act
// on it below net/http.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}
