package wording

import "testing"

func TestStyle(t *testing.T) {
	for want, got := range map[string]string{
		"fail":            Style{}.Mark(Fail),
		"ok  ":            Style{}.Mark(OK),
		"!":               Style{symbols: true}.Mark(Warn),
		"\x1b[32m✓\x1b[m": Style{symbols: true, colour: true}.Mark(OK),
		"\x1b[31m✗\x1b[m": Style{symbols: true, colour: true}.Mark(Fail),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What is no terminal gets words, and no colour.
func TestStyleOfAFile(t *testing.T) {
	if s := StyleFor(t.Output(), func(string) string { return "" }); s != (Style{}) {
		t.Errorf("%+v", s)
	}
}
