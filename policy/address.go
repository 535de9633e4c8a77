package policy

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// address checks an upstream's address and returns its one spelling.
func (r *reader) address(text string) (string, error) {
	if r.layer == Repository {
		return strangersAddress(text)
	}
	return ownAddress(text)
}

// ownAddress takes what this machine's own layers may name: plain http, hosts
// of the local network and credentials included.
func ownAddress(text string) (string, error) {
	if strings.ContainsAny(text, ",|") {
		return "", errors.New("is a list, and one item is one address; allowed: [https://a.example, https://b.example] (direct and off belong into GOPROXY)")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || !printableASCII(text):
		return "", errors.New("not an address; allowed: https://host/path")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("allowed: an address that begins with https:// or http://")
	case u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", errors.New("needs a host, and has no query and no fragment; allowed: https://host/path")
	case !possiblePort(u.Port()):
		return "", errors.New("no port has that number; allowed: 1 to 65535, or none")
	}
	return normalURL(u), nil
}

// possiblePort reports whether something could listen there: net/url takes any
// digits. None is the scheme's own.
func possiblePort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// strangersAddress takes only what cannot harm: a repository may point at
// public https hosts by name, so that nothing that trusts its local network is
// asked, and no credential is chosen by a stranger.
func strangersAddress(text string) (string, error) {
	normal, err := ownAddress(text)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(normal)
	if err != nil {
		return "", err
	}
	switch {
	case u.Scheme != "https":
		return "", errors.New("plain http is never taken from a repository; allowed: https")
	case u.User != nil:
		return "", errors.New("credentials are never taken from a repository; put them into .netrc or GOAUTH")
	case strings.ContainsAny(text+normal, "$%\\\"'`&;|<>() ") || strings.Contains(u.Path, ".."):
		return "", errors.New("nothing is expanded here; allowed: a plain https://host/path")
	case !hostName(u.Hostname()):
		return "", errors.New("a host's name has letters, digits, dots and hyphens; allowed: https://host/path")
	case !publicName(u.Hostname()):
		return "", errors.New("IP addresses, loopback and private hosts are never taken from a repository; put it into your own policy file")
	}
	return normal, nil
}

// privateSuffixes are names that never mean a public host: RFC 6761, 6762, 7686
// and 8375, what home routers serve, and a cloud machine's metadata service.
var privateSuffixes = []string{
	".localhost", ".local", ".localdomain", ".home.arpa", ".lan", ".home",
	".invalid", ".onion", ".arpa", "metadata.google.internal",
}

// hostName reports whether a host could have this name, or is an IP address.
func hostName(host string) bool {
	for l := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if !validLabel(l) && !strings.Contains(host, ":") {
			return false
		}
	}
	return true
}

// publicName reports whether a host is a full domain name that could be public.
// It resolves nothing.
func publicName(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	labels := strings.Split(host, ".")
	if len(labels) < 2 || len(host) > 253 {
		return false // also localhost, 2130706433 and IPv6 in brackets
	}
	for _, l := range labels {
		if !validLabel(l) {
			return false
		}
	}
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' {
		return false // 10.0.0.1, 0x7f.1
	}
	for _, s := range privateSuffixes {
		if strings.HasSuffix(host, s) {
			return false
		}
	}
	return true
}

func validLabel(l string) bool {
	for i := 0; i < len(l); i++ {
		if !isAlnum(l[i]) && (l[i] != '-' || i == 0) {
			return false
		}
	}
	return l != "" && len(l) <= 63
}

func printableASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
