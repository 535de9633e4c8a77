package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Characters replaces each character that a terminal or a page would obey instead of
// showing it. Tabs and the ends of lines stay.
func Characters(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune { // what is no UTF-8 becomes U+FFFD: it may be C1
		if obeyed(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}

// plain reports whether a text is all of ASCII's visible characters, as most are.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' && s[i] != '\n' && s[i] != '\t' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// obeyed reports whether a character is a control character, ends a line, or is one of
// Unicode's format characters, which reorder or hide text. The joiners (U+200C, U+200D) are
// letters' neighbours in ordinary words.
func obeyed(r rune) bool {
	switch r {
	case '\n', '\t', '\u200c', '\u200d':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
