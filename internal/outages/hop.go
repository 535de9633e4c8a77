package outages

import (
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/gosteady/gosteady/internal/faultproxy"
)

// A hop is an HTTP proxy in front of a server: it forwards, and has tunnels.
type hop struct{ proxy *faultproxy.Proxy }

// startHop starts one that leads to one server, whatever it is called.
func startHop(server *faultproxy.Proxy) (*hop, error) {
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		return nil, err
	}
	to := net.JoinHostPort("127.0.0.1", port)
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: to})
	}}
	p, err := faultproxy.Start(faultproxy.Config{Content: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			tunnel(w, to)
			return
		}
		forward.ServeHTTP(w, r)
	})})
	if err != nil {
		return nil, err
	}
	return &hop{proxy: p}, nil
}

// tunnel joins two connections until one of them ends.
func tunnel(w http.ResponseWriter, to string) {
	far, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer far.Close()
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer near.Close()
	io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
	over := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			io.Copy(pair[0], pair[1])
			over <- struct{}{}
		}()
	}
	<-over
}
