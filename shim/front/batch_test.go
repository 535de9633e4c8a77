package front

import (
	"strings"
	"testing"
)

func TestBatchLine(t *testing.T) {
	for _, tt := range []struct{ arg, want string }{
		{`version`, `version`},
		{`./...`, `./...`},
		{`-mod=mod`, `"-mod=mod"`}, // a batch file splits its arguments at =
		{``, `""`},
		{`two words`, `"two words"`},
		{`say "hi"`, `"say ""hi"""`},
		{`C:\dir\`, `"C:\dir\\"`},
		{`C:\dir`, `C:\dir`},
		{`a\"b`, `"a\\""b"`},
		{`a&calc`, `"a&calc"`},
		{`%PATH%`, `"%%cd:~,%PATH%%cd:~,%"`},
		{`{{.Dir}}`, `"{{.Dir}}"`},
		{`ключ`, `"ключ"`},
	} {
		want := `cmd.exe /e:on /v:off /d /s /c ""C:\a b\go.bat" ` + tt.want + `"`
		if got := batchLine(`C:\a b\go.bat`, []string{tt.arg}); got != want {
			t.Errorf("%s: %s, want %s", tt.arg, got, want)
		}
	}
}

// FuzzBatchLine: outside of quotes there is nothing that cmd.exe would take for its own.
func FuzzBatchLine(f *testing.F) {
	f.Add("a", `b"&calc`)
	f.Add("", `^|<>()!`)
	f.Fuzz(func(t *testing.T, a, b string) {
		line := batchLine("go.bat", []string{a, b})
		_, rest, _ := strings.Cut(line, `go.bat"`)
		quoted := false
		for _, c := range strings.TrimSuffix(rest, `"`) {
			switch {
			case c == '"':
				quoted = !quoted
			case !quoted && strings.ContainsRune("&|<>()^!%\n,;=", c):
				t.Fatalf("%q is outside of quotes in %s", c, line)
			}
		}
		if quoted {
			t.Fatalf("a quote is open in %s", line)
		}
	})
}
