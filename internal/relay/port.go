package relay

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// selfDial is how long we wait for ourselves.
const selfDial = time.Second

// A port is where go reaches us, and nobody else does: the path is a secret, and
// the Host header keeps web pages out that have a browser send requests to
// loopback.
type port struct {
	listener  net.Listener
	server    *http.Server
	untrusted untrusted
	addr      string // host:port, the only Host that is answered
	token     string
	base      string // http://addr/token
}

// listen opens the port and makes up the path.
func listen() (*port, error) {
	l, err := openPort()
	if err != nil {
		return nil, err
	}
	var secret [16]byte
	rand.Read(secret[:]) // never fails
	p := &port{listener: l, addr: l.Addr().String(), token: hex.EncodeToString(secret[:])}
	p.base = "http://" + p.addr + "/" + p.token
	return p, nil
}

// serve begins to answer.
func (p *port) serve(handle http.HandlerFunc) {
	p.server = &http.Server{
		Handler:           handle,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       idleTime,
		ErrorLog:          log.New(io.Discard, "", 0), // what others send is no news
	}
	p.untrusted.now = time.Now
	p.untrusted.watch(p.server)
	go p.server.Serve(p.listener)
}

// admits returns what go asks for, below the base.
func (p *port) admits(req *http.Request) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(req.URL.EscapedPath(), "/"+p.token+"/")
	if !ok || req.Host != p.addr {
		return "", false
	}
	p.untrusted.admit(req)
	return rest, true
}
