// Package mask is what all of gosteady's own output passes through, on a screen or on
// disk: lines on standard error, the debug log, the journal, CI annotations, and what the
// commands of "go steady" print.
//
// Two things must not get out. Credentials: the userinfo of an address (also a user name
// alone, which some services use as a token), its query (signed addresses), the values of
// headers, and tokens of a recognisable form. And characters with which a server, a module
// or a repository could change what a terminal or a page shows: control characters, C1 in
// either encoding, bidirectional formatting.
//
// What go itself prints is not gosteady's output, and passes as it is. The path of a proxy's
// address is masked where it is kept: see [Paths]. A text that is masked twice is as it was after the first time.
package mask

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
)

// Hidden stands for a credential. It is what net/url prints for a password.
const Hidden = "xxxxx"

// Text masks a text of any number of lines.
func Text(s string) string { return Secrets(Characters(s)) }

// Line masks a text and joins its lines.
func Line(s string) string {
	return strings.Join(strings.Fields(Text(s)), " ") // joined last: a header ends where its line does
}

// Quote masks a text, and quotes it as Go does if a terminal would not show it as it is.
func Quote(s string) string { return quote(s, filepath.Separator) }

func quote(s string, separator rune) string {
	s = Secrets(s)
	shown := s
	if separator == '\\' { // in the name of a file it is nothing to quote
		shown = strings.ReplaceAll(s, `\`, "/")
	}
	if q := strconv.Quote(shown); q[1:len(q)-1] != shown {
		return strconv.Quote(s)
	}
	return s
}

// Proxies masks a GOPROXY list, where an address needs no scheme.
func Proxies(list string) string {
	var b strings.Builder
	for list != "" {
		end := strings.IndexAny(list, ",|") + 1
		if end == 0 {
			end = len(list)
		}
		entry := list[:end]
		if i := strings.IndexByte(entry, '@'); i >= 0 && !strings.Contains(entry[:i], "/") {
			entry = Hidden + entry[i:]
		}
		b.WriteString(Line(entry))
		list = list[end:]
	}
	return b.String()
}

// URL is an address without its userinfo and query.
func URL(u *url.URL) string {
	if u == nil {
		return ""
	}
	masked := *u
	if u.User != nil {
		masked.User = url.User(Hidden)
	}
	if u.RawQuery != "" && u.RawQuery != goGet {
		masked.RawQuery = Hidden
	}
	masked.Fragment, masked.RawFragment = "", ""
	return Characters(masked.String())
}
