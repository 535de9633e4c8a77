package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds of what a client can take.
const (
	maxConns       = 1024
	maxHeader      = 16 << 10
	headerWithin   = 10 * time.Second
	idleWithin     = 2 * time.Minute
	drainingWithin = 30 * time.Second
)

// Serve answers on a listener until ctx ends, and then lets those finish who are being
// answered. certificate is nil for plain HTTP; it is asked for each connection, so that
// it can be renewed.
func (g *Gateway) Serve(ctx context.Context, l net.Listener, certificate func() (*tls.Certificate, error)) error {
	server := &http.Server{
		Handler:           g,
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       idleWithin,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(g.log.Handler(), slog.LevelDebug), // what strangers send is no news
		ConnState:         g.noteConn,
	}
	l = &limited{Listener: l, permits: make(chan struct{}, maxConns), done: make(chan struct{})}
	failed := make(chan error, 1)
	go func() {
		if certificate == nil {
			failed <- server.Serve(l)
			return
		}
		server.TLSConfig = &tls.Config{
			MinVersion:     tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate() },
		}
		failed <- server.ServeTLS(l, "", "")
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	g.Drain()
	stop, cancel := context.WithTimeout(context.Background(), drainingWithin)
	defer cancel()
	err := server.Shutdown(stop)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close() // they have had their time
	}
	return err
}

func (g *Gateway) noteConn(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		g.counts.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		g.counts.conns.Add(-1)
	}
}

// limited accepts no more connections at a time than there are permits; the others wait
// in the system's queue.
type limited struct {
	net.Listener
	permits chan struct{}
	done    chan struct{}
	once    sync.Once
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.permits <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.permits
		return nil, err
	}
	return &permitted{Conn: c, release: sync.OnceFunc(func() { <-l.permits })}, nil
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// permitted gives its permit back.
type permitted struct {
	net.Conn
	release func()
}

func (c *permitted) Close() error {
	err := c.Conn.Close()
	c.release()
	return err
}

// ReadFrom keeps sendfile, which net/http asks the connection for.
func (c *permitted) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(c.Conn, r)
}
