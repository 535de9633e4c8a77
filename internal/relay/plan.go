package relay

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/goauth"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/upstream"
	"github.com/gosteady/gosteady/policy"
)

// An endpoint is the relay's stand-in for one entry of GOPROXY.
type endpoint struct {
	index  int
	base   *url.URL
	client *upstream.Client
	at     position
	added  addition
	prefix string // the URL that go knows it by
}

// A position is where an endpoint stands in the list.
type position struct {
	pipe bool // "|" follows
	last bool // nothing follows that go would ask

	from *endpoint // whose failures may be met by rotation; nil where they may not
}

// A key is an item at an endpoint.
type key struct {
	entry int
	item  modproxy.Item
}

func (e *endpoint) key(it modproxy.Item) key { return key{e.index, it} }

// An addition says who put an entry into the list.
type addition int

const (
	notAdded  addition = iota // it is in the user's GOPROXY
	byTrusted                 // a policy that this machine trusts in that
	byGuest                   // the repository's policy alone
)

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
		var e *endpoint // nil: go takes care of it by itself (direct, off, file://, a gateway of ours)
		if p.Kind == proxylist.HTTP && !refused(p) && !r.config.Standing(p.URL) {
			e = &endpoint{
				index: i, base: p.URL, client: r.upstreams.Proxy(p.URL), added: r.addition(own, p),
				at: position{pipe: p.FallBackOnError && i+1 < len(list), last: isLast(list, i)},
			}
			r.hide(p.URL)
		}
		r.ends = append(r.ends, e)
	}
	r.list = list
	if r.first() == nil {
		return ErrNothingToRelay
	}
	r.hideSumDB()
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

// first is the first endpoint; nil if there is none.
func (r *Relay) first() *endpoint {
	for _, e := range r.ends {
		if e != nil {
			return e
		}
	}
	return nil
}

// endpoint is the one of an entry; nil if there is no such entry, or go takes care of it.
func (r *Relay) endpoint(number string) *endpoint {
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(r.ends) {
		return nil
	}
	return r.ends[i]
}

// name gives every endpoint the URL that go knows it by.
func (r *Relay) name() {
	for _, e := range r.ends {
		if e == nil {
			continue
		}
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

// hide keeps the path of an address out of the journal, unless everyone knows it. It
// may be a token.
func (r *Relay) hide(base *url.URL) {
	if !policy.WellKnownProxy(base) {
		r.config.Recorder.Hide(base)
	}
}

// hideSumDB does the same for the address of the checksum database.
func (r *Relay) hideSumDB() {
	for word := range strings.FieldsSeq(r.config.Settings.Get("GOSUMDB")) { // a name, and perhaps an address
		if u, err := url.Parse(word); err == nil && u.Host != "" {
			r.config.Recorder.Hide(u)
		}
	}
}

// GOPROXY returns the list for the go command.
func (r *Relay) GOPROXY() string {
	proxies := slices.Clone(r.list)
	for i, e := range r.ends {
		if e != nil {
			proxies[i].Raw = e.prefix
		}
	}
	return proxylist.Format(proxies)
}
