package relay

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// mostUntrusted is how many connections may be open that have not shown the token.
	// Every local user can connect, and all of our descriptors could be taken: 1,024
	// are a common limit. go shows the token as soon as it has connected; a burst of
	// many requests of its own must fit.
	mostUntrusted = 256
	// untrustedTime is how long a connection is left alone though others come.
	untrustedTime = time.Second
	// untrustedLimit is when even that ends.
	untrustedLimit = 2 * mostUntrusted
	// idleTime closes what go has left open; longer than the 90 s after which go does.
	idleTime = 2 * time.Minute
)

// untrusted are the connections that have not yet shown the token, oldest first. When
// there are too many, the oldest is closed: go's own are untrusted for a moment only.
type untrusted struct {
	now func() time.Time

	mu   sync.Mutex
	list []connection
}

type connection struct {
	conn  net.Conn
	since time.Time
}

type connKey struct{}

// watch makes a server keep account of its connections.
func (s *untrusted) watch(server *http.Server) {
	server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	server.ConnState = func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.add(c)
		case http.StateClosed, http.StateHijacked:
			s.remove(c)
		}
	}
}

// admit notes that the connection of a request has shown the token.
func (s *untrusted) admit(req *http.Request) {
	if c, ok := req.Context().Value(connKey{}).(net.Conn); ok {
		s.remove(c)
	}
}

func (s *untrusted) add(c net.Conn) {
	now := s.now()
	s.mu.Lock()
	s.list = append(s.list, connection{c, now})
	var surplus net.Conn
	if oldest := s.list[0]; len(s.list) > untrustedLimit || len(s.list) > mostUntrusted && now.Sub(oldest.since) > untrustedTime {
		surplus = oldest.conn
		s.list = s.list[1:]
	}
	s.mu.Unlock()
	if surplus != nil {
		surplus.Close()
	}
}

func (s *untrusted) remove(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.list, func(x connection) bool { return x.conn == c }); i >= 0 {
		s.list = slices.Delete(s.list, i, i+1)
	}
}
