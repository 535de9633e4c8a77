package tui

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

func TestShowsUnicode(t *testing.T) {
	for _, tt := range []struct {
		lcAll, lcCtype, lang string
		want                 bool
	}{
		{"", "", "en_US.UTF-8", true}, {"", "", "C.utf8", true}, {"", "", "C", false}, {"C", "", "en_US.UTF-8", false},
		{"", "de_DE.UTF-8", "C", true}, {"POSIX", "de_DE.UTF-8", "", false}, {"", "", "en_US.ISO-8859-1", false},
	} {
		env := map[string]string{"LC_ALL": tt.lcAll, "LC_CTYPE": tt.lcCtype, "LANG": tt.lang}
		if got := showsUnicode(func(name string) string { return env[name] }); got != tt.want {
			t.Errorf("%v: %v", env, got)
		}
	}
	if got := (Style{ascii: true}); got.Arrow()+got.Mark(OK) != "->ok  " {
		t.Errorf("in ASCII: %s %s", got.Arrow(), got.Mark(OK))
	}
}

// What is no terminal gets words, and no colour.
func TestStyleOfAFile(t *testing.T) {
	if s := StyleFor(t.Output(), func(string) string { return "" }); s != (Style{}) {
		t.Errorf("%+v", s)
	}
}
