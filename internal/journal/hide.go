package journal

import (
	"net/url"
	"slices"
	"strings"
)

// SetPrivate says which module paths are private to the command: what is
// recorded says so of each. It may come late, but before the record is taken.
func (r *Recorder) SetPrivate(private func(modPath string) bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.private = private
}

// isPrivate needs r.mu.
func (r *Recorder) isPrivate(modPath string) bool {
	return r.private != nil && modPath != "" && r.private(modPath)
}

// Hide keeps the path of a proxy's address out of all texts recorded from now
// on. With some services it is what opens the proxy: a token.
func (r *Recorder) Hide(proxy *url.URL) {
	if r == nil || strings.Trim(proxy.Path, "/") == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, path := range []string{proxy.EscapedPath(), proxy.Path} { // as addresses and as file names have it
		for _, h := range hiding(proxy.Host, path) {
			if !slices.Contains(r.hidden, h) {
				r.hidden = append(r.hidden, h)
			}
		}
	}
	// The longest first: it has others in it.
	slices.SortStableFunc(r.hidden, func(a, b hide) int { return len(b.old) - len(a.old) })
}

// elided stands for what was left out.
const elided = "…"

// A hide is a part of a text and what stands for it.
type hide struct{ old, new string }

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

// conceal applies what is hidden. It needs r.mu.
func (r *Recorder) conceal(text string) string {
	for _, h := range r.hidden {
		text = replaceWhole(text, h.old, h.new)
	}
	return text
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
