package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/gateway/standing"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// Upstreams reads a list of upstreams. It must not name the gateway itself, or each
// request would come back as another one.
func Upstreams(list, listen string) ([]proxylist.Proxy, error) {
	proxies, err := proxylist.Parse(list)
	if err != nil {
		return nil, fmt.Errorf("the upstreams %s: %w; name module proxies with --upstream", mask.Proxies(list), err)
	}
	served := 0
	for _, p := range proxies {
		if p.Kind != proxylist.HTTP {
			continue
		}
		if standing.SameServer(listen, p.URL) {
			return nil, fmt.Errorf("the upstreams %s name the gateway itself; name the proxies behind it with --upstream", mask.Proxies(list))
		}
		if p.URL.Scheme == "http" && p.URL.User != nil {
			return nil, fmt.Errorf("%s: credentials are not sent over http, by go neither; use https", mask.URL(p.URL))
		}
		served++
	}
	if served == 0 {
		return nil, fmt.Errorf("%s has no http(s) entry to serve; name a module proxy with --upstream", mask.Proxies(list))
	}
	return proxies, nil
}

// ErrFallback is why a list is not put behind the gateway's own.
var ErrFallback = errors.New("--fallback: \"|\" would carry the refusal of one server to the next, and the names of private modules to both")

// ClientList is the list for clients: the entries that the gateway serves in their
// places, all else as it is.
func ClientList(base, token string, secret []bool, upstreams []proxylist.Proxy) string {
	list := make([]proxylist.Proxy, len(upstreams))
	i := 0
	for n, p := range upstreams {
		if p.Kind == proxylist.HTTP {
			p.Raw = endpointURL(base, token, i, i < len(secret) && secret[i])
			i++
		}
		list[n] = p
	}
	return proxylist.Format(list)
}

// endpointURL puts the token where the go command sends it from.
func endpointURL(base, token string, i int, wants bool) string {
	number := strconv.Itoa(i)
	scheme, host, _ := strings.Cut(base, "://")
	switch {
	case !wants || token == "":
		return base + "/" + number
	case scheme == "https":
		return "https://gosteady:" + token + "@" + host + "/" + number
	}
	return base + "/~" + token + "/" + number
}

// WithFallback puts the upstreams behind the gateway, for when that is down.
func WithFallback(list string, upstreams []proxylist.Proxy, rules Rules) (string, error) {
	served := 0
	for _, p := range upstreams {
		if p.Kind == proxylist.HTTP {
			served++
		}
	}
	if served > 1 || rules.Private != "" || rules.NoProxy != "" {
		return "", ErrFallback
	}
	own, err := proxylist.Parse(list)
	if err != nil {
		return "", err
	}
	own = slices.DeleteFunc(own, func(p proxylist.Proxy) bool { return p.Kind == proxylist.Direct || p.Kind == proxylist.Off })
	return proxylist.Format(own) + "|" + proxylist.Format(upstreams), nil
}
