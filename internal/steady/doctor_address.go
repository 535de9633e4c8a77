package steady

import (
	"fmt"
	"net"
	"net/url"

	"github.com/gosteady/gosteady/internal/journal"
)

// redactURLs takes credentials out of a setting that holds URLs.
func redactURLs(setting string) string { return journal.Redact(setting) }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkProxyVariable judges the address of an HTTP proxy as net/http reads it.
func checkProxyVariable(name, value string) check {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		u, err = url.Parse("http://" + value)
	}
	if err != nil || u.Host == "" {
		return check{Verdict: failing, Text: fmt.Sprintf("%s is no address of a proxy", name), Fix: "unset " + name}
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return check{Verdict: fine, Text: name + "=" + u.Redacted()}
	}
	return check{Verdict: failing, Text: fmt.Sprintf("%s=%s: go knows http, https and socks5 proxies only", name, u.Redacted()), Fix: "unset " + name}
}
