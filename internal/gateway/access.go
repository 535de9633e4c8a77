package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// A token is compared by its hash: the time that takes says nothing of the token.
type token struct {
	hash [sha256.Size]byte
	set  bool
}

func newToken(text string) token {
	return token{sha256.Sum256([]byte(text)), text != ""}
}

func (t token) is(text string) bool {
	hash := sha256.Sum256([]byte(text))
	return t.set && subtle.ConstantTimeCompare(hash[:], t.hash[:]) == 1
}

// A visitor is what a request says of its client.
type visitor struct {
	path    string // escaped, without the token and the slash before it
	trusted bool   // it has shown the token
}

// visit takes the token off the path, or out of the header.
func (p *plan) visit(r *http.Request) visitor {
	v := visitor{path: strings.TrimPrefix(r.URL.EscapedPath(), "/")}
	if rest, ok := strings.CutPrefix(v.path, "~"); ok {
		word, below, _ := strings.Cut(rest, "/")
		v.path, v.trusted = below, p.token.is(word)
	}
	if _, password, ok := r.BasicAuth(); ok && p.token.is(password) {
		v.trusted = true
	}
	if word, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && p.token.is(word) {
		v.trusted = true
	}
	return v
}

// knows reports whether the Host header is ours. A page in somebody's browser can have
// it send requests to any address, under a name of the page's own.
func (p *plan) knows(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	local := localAddr(r)
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap() == local || !local.IsValid() // of a Unix socket there is none
	}
	if host == "localhost" {
		return local.IsLoopback() || !local.IsValid()
	}
	if slices.Contains(p.hosts, host) {
		return true
	}
	name, err := os.Hostname()
	return err == nil && host == strings.ToLower(name) && !local.IsLoopback()
}

// localAddr is the address that a client has connected to.
func localAddr(r *http.Request) netip.Addr {
	addr, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if addr == nil {
		return netip.Addr{}
	}
	at, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}
