package mask

import (
	"net/url"
	"slices"
	"strings"
)

// Paths are the paths of proxies' addresses, which must not be kept: with some services the
// path is what opens the proxy. The zero Paths has none.
type Paths struct{ hidden []hide }

// elided stands for what was left out.
const elided = "…"

// A hide is a part of a text and what stands for it.
type hide struct{ old, new string }

// Add hides the path of one more address.
func (p *Paths) Add(proxy *url.URL) {
	if strings.Trim(proxy.Path, "/") == "" {
		return
	}
	for _, path := range []string{proxy.EscapedPath(), proxy.Path} { // as addresses and as file names have it
		for _, h := range hiding(proxy.Host, path) {
			if !slices.Contains(p.hidden, h) {
				p.hidden = append(p.hidden, h)
			}
		}
	}
	// The longest first: it has others in it.
	slices.SortStableFunc(p.hidden, func(a, b hide) int { return len(b.old) - len(a.old) })
}

// Mask hides the paths in a text.
func (p *Paths) Mask(text string) string {
	for _, h := range p.hidden {
		text = replaceWhole(text, h.old, h.new)
	}
	return text
}

// hiding lists what to hide of a proxy's address: its path where the host
// stands before it; also elsewhere, as after a redirect, if that cannot be an
// ordinary path such as /go; and its elements that look like a token.
func hiding(host, path string) []hide {
	path = strings.TrimRight(path, "/")
	list := []hide{{host + path, host + "/" + elided}}
	if strings.Count(path, "/") > 1 {
		list = append(list, hide{path, "/" + elided})
	}
	for element := range strings.SplitSeq(path, "/") {
		if looksSecret(element) {
			list = append(list, hide{element, elided})
		}
	}
	return list
}

// looksSecret reports whether an element of a path may be a token: nobody
// gives things so long a name, nor one of letters and digits of half the length.
func looksSecret(element string) bool {
	letters := strings.ContainsFunc(element, func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' })
	digits := strings.ContainsAny(element, "0123456789")
	return len(element) >= 20 || len(element) >= 10 && letters && digits
}

// replaceWhole replaces what is not just the beginning or the end of a longer word.
func replaceWhole(text, old, new string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, old)
		if i < 0 {
			return b.String() + text
		}
		end := i + len(old)
		b.WriteString(text[:i])
		if i > 0 && inWord(text[i-1]) && inWord(old[0]) || end < len(text) && inWord(text[end]) {
			b.WriteString(old)
		} else {
			b.WriteString(new)
		}
		text = text[end:]
	}
}

func inWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c >= 0x80
}
