package relay

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/relay/goauth"
)

// An endpoint is the relay's stand-in for one entry of GOPROXY.
type endpoint struct {
	index  int
	up     *upstream
	at     place
	added  addition
	prefix string // the URL that go knows it by
}

// An addition says who put an entry into the list.
type addition int

const (
	notAdded  addition = iota // it is in the user's GOPROXY
	byTrusted                 // a policy that this machine trusts in that
	byGuest                   // the repository's policy alone
)

// An entry is one entry of the effective GOPROXY list: an endpoint, or as go
// takes care of it by itself.
type entry struct {
	proxy proxylist.Proxy
	end   *endpoint // nil: direct, off, file://
}

// plan makes the entries. It fails with ErrNothingToRelay where go is better
// left to itself: no http(s) entry, a list that go refuses, an entry that it
// refuses to ask, credentials that it cannot find.
func (r *Relay) plan() error {
	settings := r.config.Settings
	base, err := proxylist.Parse(settings.Get("GOPROXY"))
	if err != nil || goauth.Check(r.auth.Setting) != nil {
		return ErrNothingToRelay
	}
	own := make(map[string]bool)
	for _, p := range base {
		own[p.Raw] = true
	}
	list := r.config.Policy.EffectiveProxies(base)
	for i, p := range list {
		e := entry{proxy: p}
		if p.Kind == proxylist.HTTP && !refused(p) {
			e.end = &endpoint{
				index: i, up: r.upstream(p.URL), added: r.addition(own, p),
				at: place{pipe: p.FallBackOnError && i+1 < len(list), last: isLast(list, i)},
			}
			r.ends = append(r.ends, e.end)
		}
		r.entries = append(r.entries, e)
	}
	if len(r.ends) == 0 {
		return ErrNothingToRelay
	}
	return nil
}

func (r *Relay) addition(own map[string]bool, p proxylist.Proxy) addition {
	if own[p.Raw] {
		return notAdded
	}
	for _, u := range r.config.Policy.Proxies {
		if u.Trusted && u.URL == strings.TrimSuffix(p.Raw, "/") {
			return byTrusted
		}
	}
	return byGuest
}

// name gives every endpoint the URL that go knows it by.
func (r *Relay) name() {
	for _, e := range r.ends {
		e.prefix = r.port.base + "/" + strconv.Itoa(e.index)
	}
}

// refused reports whether go would not ask an entry at all: it sends no
// credentials in the clear. Its own words appear if the entry stays as it is.
func refused(p proxylist.Proxy) bool { return p.URL.Scheme == "http" && p.URL.User != nil }

// isLast reports whether go asks nobody after an entry: "off" is nobody.
func isLast(list []proxylist.Proxy, i int) bool {
	return i+1 == len(list) || list[i+1].Kind == proxylist.Off
}

// upstream returns the one upstream of a URL, however often it is listed.
func (r *Relay) upstream(base *url.URL) *upstream {
	if u := r.pool.proxy(base); u != nil {
		return u
	}
	u := r.newUpstream(base)
	r.pool.proxies = append(r.pool.proxies, u)
	return u
}

// list is the GOPROXY of the child.
func (r *Relay) list() string {
	proxies := make([]proxylist.Proxy, len(r.entries))
	for i, e := range r.entries {
		proxies[i] = e.proxy
		if e.end != nil {
			proxies[i].Raw = e.end.prefix
		}
	}
	return proxylist.Format(proxies)
}

// after returns the entries behind an endpoint.
func (r *Relay) after(e *endpoint) []entry { return r.entries[e.index+1:] }
