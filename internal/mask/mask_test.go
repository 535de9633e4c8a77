package mask

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSecrets(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"dial tcp 127.0.0.1:80: connection refused", "dial tcp 127.0.0.1:80: connection refused"},
		{"https://proxy.golang.org/golang.org/x/mod/@v/v0.1.0.zip: 404 Not Found", "https://proxy.golang.org/golang.org/x/mod/@v/v0.1.0.zip: 404 Not Found"},
		{"golang.org/x/mod@v0.1.0: verifying module: checksum mismatch", "golang.org/x/mod@v0.1.0: verifying module: checksum mismatch"},
		{`Get "https://user:pa@ss@corp.example/x": EOF`, `Get "https://xxxxx@corp.example/x": EOF`},
		{"https://ghp_abcdefghijkl@github.com/a/b", "https://xxxxx@github.com/a/b"},
		{"https://storage.example/x.zip?X-Goog-Signature=00ff&Expires=1 failed", "https://storage.example/x.zip?xxxxx failed"},
		{`https fetch: Get "https://corp.example/x?go-get=1": EOF`, `https fetch: Get "https://corp.example/x?go-get=1": EOF`},
		{"git@github.com: Permission denied", "git@github.com: Permission denied"},
		{"Authorization: Basic dXNlcjpwdw==", "Authorization: xxxxx"},
		{"sent 'private-token: glpat-12345678'", "sent 'private-token: xxxxx"},
		{"bearer abcdefgh.ijkl", "bearer xxxxx"},
		{"NPM_TOKEN=abc next", "NPM_TOKEN=xxxxx next"},
		{`"password": "hunter2", "user": "u"`, `"password": "xxxxx", "user": "u"`},
		{"key AKIAIOSFODNN7EXAMPLE used", "key xxxxx used"},
		{"jwt eyJhbGciOiJI.eyJzdWIiOiIx.sflKxwRJ end", "jwt xxxxx end"},

		// A user name alone is a token for some services.
		{"https://tok3n@corp.example/x", "https://xxxxx@corp.example/x"},
		{`read "https:/tok3n@proxy.example/@v/v1.zip": EOF`, `read "https:/xxxxx@proxy.example/@v/v1.zip": EOF`}, // go1.21
		{`Location "//tok3n@cdn.example/x.zip"`, `Location "//xxxxx@cdn.example/x.zip"`},
		{"HTTPS_PROXY=me:hunter2@proxy.example:3128 is", "HTTPS_PROXY=xxxxx@proxy.example:3128 is"},
		{"https://a.example,https://me:hunter2@b.example|direct", "https://a.example,https://xxxxx@b.example|direct"},
		{"https://u:p/@h.example", "https://xxxxx@h.example"},
		{"https://h.example/a@b", "https://h.example/a@b"},
		{"https://a@b@h.example/?x", "https://xxxxx@h.example/?xxxxx"},
		{"git.corp.example/*", "git.corp.example/*"},
		{"https://token@h.example:443", "https://xxxxx@h.example:443"},
		// A path on Windows, and what may stand beside one.
		{`kept in C:\Users\me\gosteady\kept\example.com\hello@v1.0.0`, `kept in C:\Users\me\gosteady\kept\example.com\hello@v1.0.0`},
		{`"\\?\C:\mod\x@v1.0.0", (D:\mod\x@v1.0.0)`, `"\\?\C:\mod\x@v1.0.0", (D:\mod\x@v1.0.0)`},
		{`C:\mod,me:hunter2@proxy.example`, `xxxxx@proxy.example`},
		{`.:\hunter2@proxy.example`, `xxxxx@proxy.example`},
		{`me:\hunter2@proxy.example`, `xxxxx@proxy.example`},
		{"cmd -token tok3n --verbose", "cmd -token xxxxx --verbose"},
		// What net/url says of a password that it cannot read.
		{`parse "https://me:hun/ter2@corp.example/x": invalid port ":hun" after host`, `parse "https://xxxxx@corp.example/x": invalid port "xxxxx" after host`},
		{"https://me:hun?ter2@corp.example/x", "https://xxxxx@corp.example/x"},
		{`Get "http://127.0.0.1:8080/golang.org/x/mod/@v/list": EOF`, `Get "http://127.0.0.1:8080/golang.org/x/mod/@v/list": EOF`},
		{"http://[::1]:8080/x@v1.0.0", "http://[::1]:8080/x@v1.0.0"},
		// Queries, also of relative redirects.
		{`failed to parse Location header "/b/x.zip?X-Amz-Signature=00%zz": parse "/b/x.zip?X-Amz-Signature=00%zz": invalid URL escape "%zz"`,
			`failed to parse Location header "/b/x.zip?xxxxx": parse "/b/x.zip?xxxxx": invalid URL escape "%zz"`},
		{"redirected to x.zip?sig=abc&se=1, which", "redirected to x.zip?xxxxx, which"},
		{"/x?0123456789abcdefABCDEF.zz failed", "/x?xxxxx failed"},
		{"https://corp.example/x?go=secret", "https://corp.example/x?xxxxx"},
		{"https://corp.example/x?go-get=1&sig=secret", "https://corp.example/x?xxxxx"},
		{"reading https://corp.example/x?go-get=1: 404 Not Found", "reading https://corp.example/x?go-get=1: 404 Not Found"},
		{"github.com/acme/?pp and why? because", "github.com/acme/?pp and why? because"},
		// Headers.
		{"Set-Cookie: sid=1; Path=/", "Set-Cookie: xxxxx"},
		{"X-JFrog-Art-Api-Key: AKCp8", "X-JFrog-Art-Api-Key: xxxxx"},
		{"net/http: HTTP/1.x transport connection broken: malformed MIME header line: Set-Cookie sid=1", "net/http: HTTP/1.x transport connection broken: malformed MIME header line: xxxxx"},
		{"use basic authentication", "use basic authentication"},
	} {
		if got := Text(tt.in); got != tt.want {
			t.Errorf("Text(%q)\n = %q\nwant %q", tt.in, got, tt.want)
		}
	}
}

func TestCharacters(t *testing.T) {
	for in, want := range map[string]string{
		"a\tb\r\nc":                   "a\tb\nc",
		"\x1b[31mred\x1b[m \a":        "\ufffd[31mred\ufffd[m \ufffd",
		"\x1b]52;c;eA==\a":            "\ufffd]52;c;eA==\ufffd",
		"c1 \u009b2J, Ünïcode":        "c1 \ufffd2J, Ünïcode",
		"c1 \x9b2J":                   "c1 \ufffd2J",
		"user\u202e txt.exe\u2066":    "user\ufffd txt.exe\ufffd",
		"a\u2028b\u200ec\ufeff\u00ad": "a\ufffdb\ufffdc\ufffd\ufffd",
		"می\u200cخواهم":               "می\u200cخواهم",
		"over\rwritten \x7f":          "over\ufffdwritten \ufffd",
	} {
		if got := Characters(in); got != want {
			t.Errorf("Characters(%q) = %q, want %q", in, got, want)
		}
	}
}

// A server must not move the cursor, nor write lines of its own.
func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"a\n\tb\r\n":                      "a b",
		"\x1b[31mred\x1b[m":               "\ufffd[31mred\ufffd[m",
		"c1 \u009b2J, Ünïcode":            "c1 \ufffd2J, Ünïcode",
		"Authorization: Bearer abc\nline": "Authorization: xxxxx line",
		"https://u@h.example/\n?a=b":      "https://xxxxx@h.example/ ?xxxxx",
	} {
		if got := Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"plain":            "plain",
		"a b":              "a b",
		"a\x1b[2J":         `"a\x1b[2J"`,
		"a\u202eb":         `"a\u202eb"`,
		"https://u@h/a\nb": `"https://xxxxx@h/a\nb"`,
	} {
		if got := Quote(text); got != want {
			t.Errorf("Quote(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestProxies(t *testing.T) {
	for list, want := range map[string]string{
		"": "",
		"tok3n@athens.example,me:hunter2@b.example/x|https://c3n@c.example,direct": "xxxxx@athens.example,xxxxx@b.example/x|https://xxxxx@c.example,direct",
		"a.example/x@v1,off": "a.example/x@v1,off",
	} {
		if got := Proxies(list); got != want {
			t.Errorf("Proxies(%q) = %q, want %q", list, got, want)
		}
	}
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://u:p@h.example/x":                "https://xxxxx@h.example/x",
		"https://tok3n@h.example:443/x?a=b#frag": "https://xxxxx@h.example:443/x?xxxxx",
		"https://h.example/x?go-get=1":           "https://h.example/x?go-get=1",
		"file:///x":                              "file:///x",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := URL(u); got != want {
			t.Errorf("URL(%s) = %s, want %s", in, got, want)
		}
	}
	if got := URL(nil); got != "" {
		t.Errorf("URL(nil) = %q", got)
	}
}

func TestPaths(t *testing.T) {
	var p Paths
	for _, address := range []string{
		"https://user:pass@dl.example:8443/k3yForTheProxy/org/repo%20one/go/", "https://proxy.example/go", "https://plain.example/",
		"https://one.example/AbCdEfGh12",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		p.Add(u)
	}
	for _, tt := range []struct{ in, want string }{
		{"reading https://user:xxxxx@dl.example:8443/k3yForTheProxy/org/repo%20one/go/golang.org/x/mod/@v/list: 404 Not Found",
			"reading https://xxxxx@dl.example:8443/…/golang.org/x/mod/@v/list: 404 Not Found"},
		{`Get "https://dl.example:8443/k3yForTheProxy/org/repo%20one/go": EOF`, `Get "https://dl.example:8443/…": EOF`},
		{"404: /k3yForTheProxy/org/repo one/go/x is not here", "404: /…/x is not here"},
		{`Get "https://cdn.example/k3yForTheProxy/x.zip": EOF`, `Get "https://cdn.example/…/x.zip": EOF`},
		{"unknown token 'k3yForTheProxy'", "unknown token '…'"},
		{"k3yForTheProxy2 and my-k3yForTheProxy", "k3yForTheProxy2 and my-k3yForTheProxy"},
		{"https://proxy.example/go/github.com/go/x/@v/list", "https://proxy.example/…/github.com/go/x/@v/list"},
		{"https://proxy.example/golang.org/x", "https://proxy.example/golang.org/x"},
		{"open /go/pkg/mod: permission denied", "open /go/pkg/mod: permission denied"},
		{"https://plain.example/golang.org/x", "https://plain.example/golang.org/x"},
		{"https://one.example/AbCdEfGh12", "https://one.example/…"},
		{"AbCdEfGh12", "…"},
		{"", ""},
	} {
		if got := p.Mask(Text(tt.in)); got != tt.want {
			t.Errorf("%s\n = %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// However it is written, nothing but colours gets through, and no character is cut.
func TestWriter(t *testing.T) {
	const in = "\x1b[32m✓\x1b[m ok\x1b[2J \u202e\u009b ünï\x1b]0;x\a\n\x1b[31"
	const want = "\x1b[32m✓\x1b[m ok\ufffd[2J \ufffd\ufffd ünï\ufffd]0;x\ufffd\n\ufffd[31"
	var b bytes.Buffer
	if n, err := NewWriter(&b).Write([]byte(in)); n != len(in) || err != nil || b.String() != want {
		t.Errorf("%d, %v: %q, want %q", n, err, &b, want)
	}
	b.Reset()
	w := NewWriter(&b)
	for _, c := range []byte("ünï \u202e✓ 𝔘") {
		w.Write([]byte{c})
	}
	if b.String() != "ünï \ufffd✓ 𝔘" {
		t.Errorf("byte by byte: %q", &b)
	}
}

// However a URL is embedded, its password does not survive, and masking twice changes
// nothing.
func FuzzMask(f *testing.F) {
	f.Add("Get \"", "\": EOF", "host.example/x")
	f.Add("token=", "", "h")
	f.Add("\u202e\x9b", "?a=b", "h\x1b")
	f.Fuzz(func(t *testing.T, before, after, host string) {
		const secret = "S3cr3tPassw0rdValue"
		if strings.Contains(before+after+host, secret) {
			return
		}
		for _, userinfo := range []string{"user:" + secret, secret} {
			once := Text(fmt.Sprintf("%s https://%s@%s %s", before, userinfo, host, after))
			if strings.Contains(once, secret) {
				t.Errorf("the password survives: %q", once)
			}
			if twice := Text(once); twice != once {
				t.Errorf("%q becomes %q", once, twice)
			}
			if !utf8.ValidString(once) || strings.ContainsFunc(once, obeyed) {
				t.Errorf("not printable: %q", once)
			}
		}
	})
}

func TestQuoteOfPaths(t *testing.T) {
	for _, tt := range []struct {
		separator rune
		in, want  string
	}{
		{'\\', `C:\Users\u\policy.yaml`, `C:\Users\u\policy.yaml`},
		{'\\', "C:\\u\x1b[2J", `"C:\\u\x1b[2J"`},
		{'/', `a\b`, `"a\\b"`},
		{'/', "/home/u", "/home/u"},
	} {
		if got := quote(tt.in, tt.separator); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestFlush: a character that is never finished is not lost, and no control character.
func TestFlush(t *testing.T) {
	for in, want := range map[string]string{"": "", "caf\xc3": "caf\ufffd", "x\xf0\x9f\x92": "x\ufffd\ufffd\ufffd", "café": "café"} {
		var b strings.Builder
		w := NewWriter(&b)
		if _, err := w.Write([]byte(in)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil || b.String() != want {
			t.Errorf("%q: %q, %v, want %q", in, b.String(), err, want)
		}
		if err := w.Flush(); err != nil || b.String() != want {
			t.Errorf("flushed twice: %q, %v", b.String(), err)
		}
	}
}
