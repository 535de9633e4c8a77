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
	// mostStrangers is how many connections may be open that have not shown the token.
	// Every local user can connect, and all of our descriptors could be taken: 1,024
	// are a common limit. go shows the token as soon as it has connected; a burst of
	// many requests of its own must fit.
	mostStrangers = 256
	// strangerTime is how long a connection is left alone though others come.
	strangerTime = time.Second
	// strangerLimit is when even that ends.
	strangerLimit = 2 * mostStrangers
	// idleTime closes what go has left open; longer than the 90 s after which go does.
	idleTime = 2 * time.Minute
)

// strangers are the connections that have not yet shown the token, oldest first. When
// there are too many, the oldest is closed: go's own are strangers for a moment only.
type strangers struct {
	now func() time.Time

	mu   sync.Mutex
	list []stranger
}

type stranger struct {
	conn  net.Conn
	since time.Time
}

type connKey struct{}

// watch makes a server keep account of its connections.
func (s *strangers) watch(server *http.Server) {
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
func (s *strangers) admit(req *http.Request) {
	if c, ok := req.Context().Value(connKey{}).(net.Conn); ok {
		s.remove(c)
	}
}

func (s *strangers) add(c net.Conn) {
	now := s.now()
	s.mu.Lock()
	s.list = append(s.list, stranger{c, now})
	var surplus net.Conn
	if oldest := s.list[0]; len(s.list) > strangerLimit || len(s.list) > mostStrangers && now.Sub(oldest.since) > strangerTime {
		surplus = oldest.conn
		s.list = s.list[1:]
	}
	s.mu.Unlock()
	if surplus != nil {
		surplus.Close()
	}
}

func (s *strangers) remove(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.list, func(x stranger) bool { return x.conn == c }); i >= 0 {
		s.list = slices.Delete(s.list, i, i+1)
	}
}
