package doctor

import (
	"fmt"
	"net"
	"net/url"

	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
)

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkProxyVariable judges the address of an HTTP proxy as net/http reads it.
func checkProxyVariable(name, value string) Check {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		u, err = url.Parse("http://" + value)
	}
	if err != nil || u.Host == "" {
		return Check{Verdict: tui.Fail, Text: fmt.Sprintf("%s is no address of a proxy", name), Fix: "unset " + name}
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return Check{Verdict: tui.OK, Text: name + "=" + mask.URL(u)}
	}
	return Check{Verdict: tui.Fail, Text: fmt.Sprintf("%s=%s: go knows http, https and socks5 proxies only", name, mask.URL(u)), Fix: "unset " + name}
}
