package httpprobe

import (
	"context"
	"net/url"
	"strings"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// SumDB finds who answers for the checksum database: the first proxy that
// says that it does, else the database itself, as cmd/go decides. It returns a
// name for people and the address below which lookups lie.
func (c *Client) SumDB(ctx context.Context, s *goenv.Settings, proxies []proxylist.Proxy) (name string, base *url.URL, ok bool) {
	name, base, ok = sumdbAddress(s)
	if !ok || base.Host != name { // an address of its own is asked at once
		return name, base, ok
	}
	for _, p := range proxies {
		if p.Kind != proxylist.HTTP {
			continue
		}
		carried := p.URL.JoinPath("sumdb", name)
		if c.Get(ctx, carried.JoinPath("supported"), true).OK() {
			return name + " by " + mask.URL(p.URL), carried, true
		}
	}
	return name, base, true
}

// sumdbAddress reads GOSUMDB: "name", "name+key", each maybe with an address.
func sumdbAddress(s *goenv.Settings) (name string, address *url.URL, ok bool) {
	fields := strings.Fields(s.Get("GOSUMDB"))
	if len(fields) == 0 || fields[0] == "off" {
		return "", nil, false
	}
	name, _, _ = strings.Cut(fields[0], "+")
	if name == "sum.golang.google.cn" { // the same database under another address
		return "sum.golang.org", &url.URL{Scheme: "https", Host: name}, true
	}
	if len(fields) > 1 {
		if u, err := url.Parse(fields[1]); err == nil {
			return name, u, true
		}
	}
	return name, &url.URL{Scheme: "https", Host: name}, true
}
