package policy

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/proxylist"
)

// The public module proxies and checksum-database hosts that anyone may be
// sent to: what they learn, the public default learns as well.
var (
	wellKnownProxies = []string{
		"https://proxy.golang.org",
		"https://goproxy.cn",
		"https://goproxy.io",
		"https://mirrors.aliyun.com/goproxy",
	}
	wellKnownSumDBs = []string{
		"https://sum.golang.org",
		"https://sum.golang.google.cn",
	}
)

// WellKnownProxy reports whether u is one of the well-known public module
// proxies, by https and without credentials.
func WellKnownProxy(u *url.URL) bool {
	return u != nil && u.User == nil && slices.Contains(wellKnownProxies, normalURL(u))
}

// normalURL is the one spelling by which addresses are compared and trusted.
func normalURL(u *url.URL) string {
	scheme, host := strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	}
	text := scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/")
	if u.User != nil {
		text = scheme + "://" + u.User.String() + "@" + text[len(scheme+"://"):]
	}
	return text
}

// EffectiveProxies adds the policy's further entries to a GOPROXY list: before
// a final direct or off, else at its end. Entries that the list has already
// are left out, and so is a well-known public proxy that only an untrusted
// repository names unless another one precedes it: what a private GOPROXY
// alone knows is not told to anyone. A list without http(s) entries is left
// alone.
//
// Added entries follow a comma; where the list says "A|direct" it becomes
// "A|B|direct", so that an outage never ends what reached direct before.
func (p *Policy) EffectiveProxies(base []proxylist.Proxy) []proxylist.Proxy {
	if !slices.ContainsFunc(base, func(x proxylist.Proxy) bool { return x.Kind == proxylist.HTTP }) {
		return base
	}
	head, tail := base, []proxylist.Proxy(nil)
	if last := base[len(base)-1]; last.Kind == proxylist.Direct || last.Kind == proxylist.Off {
		head, tail = base[:len(base)-1], base[len(base)-1:]
	}
	list := slices.Clone(head)
	pipe := len(tail) > 0 && head[len(head)-1].FallBackOnError
	for _, up := range p.Proxies {
		u, err := url.Parse(up.URL)
		if err != nil || hasProxy(list, u) || !up.Trusted && !disclosesToPublic(list) {
			continue
		}
		list = append(list, proxylist.Proxy{Raw: up.URL, URL: u, Kind: proxylist.HTTP, FallBackOnError: pipe})
	}
	return append(list, tail...)
}

func hasProxy(list []proxylist.Proxy, u *url.URL) bool {
	return slices.ContainsFunc(list, func(x proxylist.Proxy) bool {
		return x.URL != nil && normalURL(x.URL) == normalURL(u)
	})
}

// disclosesToPublic reports whether the list asks a well-known public proxy,
// so that a second one learns nothing new.
func disclosesToPublic(list []proxylist.Proxy) bool {
	return slices.ContainsFunc(list, func(x proxylist.Proxy) bool { return WellKnownProxy(x.URL) })
}
