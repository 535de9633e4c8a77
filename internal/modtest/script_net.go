package modtest

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A router is an HTTP proxy, as HTTPS_PROXY names one: it stands between the
// commands and the internet, so that public names lead to a script's proxies, and
// whoever else is asked for is written down and refused.
type router struct {
	hosts map[string]*scriptProxy

	mu       sync.Mutex
	contacts []string
	refuse   string // how the next ones are refused: a status, or "reset"
	left     int    // how many
}

// cmdRoute starts a router and makes the commands use it.
func cmdRoute(ts *testscript.TestScript, _ bool, args []string) {
	r := &router{hosts: map[string]*scriptProxy{}}
	for _, arg := range args {
		host, name, _ := strings.Cut(arg, "=")
		switch host {
		case "-refuse":
			r.refuse = name
		case "-first":
			n, err := strconv.Atoi(name)
			ts.Check(err)
			r.left = n
		default:
			r.hosts[host] = proxyNamed(ts, name)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := &http.Server{Handler: r}
	go server.Serve(l)
	ts.Defer(func() { server.Close() })
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"} {
		ts.Setenv(name, "http://"+l.Addr().String())
	}
	ts.Setenv("NO_PROXY", "")
	theStage(ts).router = r
}

func (r *router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	host, _, err := net.SplitHostPort(req.Host)
	if err != nil {
		host = req.Host
	}
	r.mu.Lock()
	r.contacts = append(r.contacts, host)
	r.left--
	refused := r.left >= 0
	r.mu.Unlock()
	if refused {
		r.refusal(w)
		return
	}
	p := r.hosts[host]
	if p == nil || req.Method != http.MethodConnect {
		http.Error(w, "no route to "+host, http.StatusBadGateway)
		return
	}
	upstream, err := net.Dial("tcp", p.listens())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		upstream.Close()
		return
	}
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	join(conn, upstream)
}

// refusal is what those get who are refused.
func (r *router) refusal(w http.ResponseWriter) {
	status, err := strconv.Atoi(r.refuse)
	if err == nil {
		w.WriteHeader(status)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

// listens is the address on loopback of a proxy that goes by another name.
func (p *scriptProxy) listens() string {
	_, port, _ := net.SplitHostPort(p.Addr())
	return net.JoinHostPort("127.0.0.1", port)
}

// join copies both ways until one side ends. A connection that was reset is reset
// on the other side, too.
func join(a, b net.Conn) {
	var once sync.Once
	end := func(err error) {
		once.Do(func() {
			if tcp, ok := a.(*net.TCPConn); ok && err != nil {
				tcp.SetLinger(0)
			}
			a.Close()
			b.Close()
		})
	}
	copyTo := func(dst, src net.Conn) {
		_, err := io.Copy(dst, src)
		end(err)
	}
	go copyTo(b, a)
	copyTo(a, b)
}

// cmdContacts prints the hosts that the router was asked for, each once.
func cmdContacts(ts *testscript.TestScript, _ bool, _ []string) {
	r := theStage(ts).router
	if r == nil {
		ts.Fatalf("contacts: no route before")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	hosts := slices.Clone(r.contacts)
	slices.Sort(hosts)
	for _, host := range slices.Compact(hosts) {
		fmt.Fprintln(ts.Stdout(), host)
	}
	r.contacts = nil
}

// cmdGate puts an address before a proxy at which the first n connections are
// accepted and never answered.
func cmdGate(ts *testscript.TestScript, _ bool, args []string) {
	p := proxyNamed(ts, args[1])
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	go func() {
		for i := 0; ; i++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if i < n {
				ts.Defer(func() { conn.Close() })
			} else if upstream, err := net.Dial("tcp", p.Addr()); err == nil {
				go join(conn, upstream)
			}
		}
	}()
	scheme, _, _ := strings.Cut(p.URL(), ":")
	ts.Setenv(args[0], scheme+"://"+l.Addr().String())
}

// cmdLater lets a proxy listen, or gives it other rules, after some time.
func cmdLater(ts *testscript.TestScript, _ bool, args []string) {
	after, err := time.ParseDuration(args[0])
	ts.Check(err)
	p := proxyNamed(ts, args[2])
	timer := time.AfterFunc(after, func() {
		if args[1] == "listen" {
			p.Listen()
		} else {
			p.Script(strings.Join(args[3:], "\n"))
		}
	})
	ts.Defer(func() { timer.Stop() })
}

// cmdStall6 lets connections by IPv6 to a proxy's port stall.
func cmdStall6(ts *testscript.TestScript, _ bool, args []string) {
	_, port, _ := net.SplitHostPort(proxyNamed(ts, args[0]).Addr())
	l, err := net.Listen("tcp", net.JoinHostPort("::1", port))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			ts.Defer(func() { conn.Close() })
		}
	}()
}

// hasIPv6 reports whether loopback has an IPv6 address.
func hasIPv6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}
