package goenv

import (
	"bytes"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestParseProxies(t *testing.T) {
	for _, tt := range []struct {
		list string
		want string // kind+separator+URL of each entry
		form string // formatted again
	}{
		{"https://proxy.golang.org,direct", "http,https://proxy.golang.org direct,", "https://proxy.golang.org,direct"},
		{"https://a.example|https://b.example", "http|https://a.example http,https://b.example", "https://a.example|https://b.example"},
		{" https://a.example , , off,https://c.example", "http,https://a.example off,", "https://a.example,off"},
		{"a.example|", "http|https://a.example", "a.example"},
		{"a.example/go,|b.example", "http,https://a.example/go http,https://b.example", "a.example/go,b.example"},
		{"direct|https://a.example", "direct,", "direct"},
		{"file:///srv/proxy,off", "file,file:///srv/proxy off,", "file:///srv/proxy,off"},
		{"http://127.0.0.1:3000/x", "http,http://127.0.0.1:3000/x", "http://127.0.0.1:3000/x"},
		{"https://user:pw@a.example/", "http,https://user:pw@a.example/", "https://user:pw@a.example/"},
	} {
		proxies, err := ParseProxies(tt.list)
		if err != nil {
			t.Errorf("%q: %v", tt.list, err)
			continue
		}
		if got := describe(proxies); got != tt.want {
			t.Errorf("%q = %s, want %s", tt.list, got, tt.want)
		}
		if got := FormatProxies(proxies); got != tt.form {
			t.Errorf("%q formats as %q, want %q", tt.list, got, tt.form)
		}
	}
}

func describe(proxies []Proxy) string {
	kinds := map[ProxyKind]string{HTTP: "http", File: "file", Direct: "direct", Off: "off"}
	var parts []string
	for _, p := range proxies {
		s := kinds[p.Kind] + ","
		if p.FallBackOnError {
			s = kinds[p.Kind] + "|"
		}
		if p.URL != nil {
			s += p.URL.String()
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

// TestParseProxiesErrors holds the refusals to the words of the real go.
func TestParseProxiesErrors(t *testing.T) {
	goCmd, _ := goCommand(t)
	home := t.TempDir()
	base := []string{"HOME=" + home, "GOENV=off", "GOTOOLCHAIN=local", "GOFLAGS=-modcacherw", "PATH=" + os.Getenv("PATH")}
	quiet(t, base, home)
	for _, list := range []string{
		",", " | ", "word", "ftp://a.example", "file://host/path", "file:///p?q=1", "/absolute/path",
		"https://a.example,word", "http://%zz", "https://u:secret@a.example:port",
	} {
		_, err := ParseProxies(list)
		if err == nil {
			t.Errorf("%q is accepted", list)
			continue
		}
		cmd := exec.Command(goCmd, "list", "-m", "corp.example/x@v1.0.0")
		cmd.Env, cmd.Dir = append(base, "GOPROXY="+list), home
		out, _ := cmd.CombinedOutput()
		if !bytes.Contains(out, []byte(err.Error())) {
			t.Errorf("%q: %v; go says: %s", list, err, out)
		}
	}
}

// FuzzParseProxies: what is accepted means the same after it is written again.
func FuzzParseProxies(f *testing.F) {
	f.Add("https://a.example|b.example/x, direct,c")
	f.Add("file:///a|off")
	f.Fuzz(func(t *testing.T, list string) {
		first, err := ParseProxies(list)
		if err != nil {
			return
		}
		second, err := ParseProxies(FormatProxies(first))
		if err != nil {
			t.Fatalf("%q: %v", FormatProxies(first), err)
		}
		first[len(first)-1].FallBackOnError = false // nothing follows it
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%q: %v, then %v", list, first, second)
		}
	})
}

// The expectations are those of cmd/go, seen in how it reports a GOFLAGS that
// holds no flags: "go: parsing $GOFLAGS: non-flag ...".
func TestSplitFlags(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
		err  string
	}{
		{"", nil, ""},
		{" \t\n\r", nil, ""},
		{"-mod=mod -x", []string{"-mod=mod", "-x"}, ""},
		{`'-ldflags=-s -w' -v`, []string{"-ldflags=-s -w", "-v"}, ""},
		{`"-tags=a b"-x`, []string{"-tags=a b", "-x"}, ""},
		{`-tags='a b'`, []string{"-tags='a", "b'"}, ""},
		{`-x\ y`, []string{`-x\`, "y"}, ""},
		{`"it's"`, []string{"it's"}, ""},
		{"''", []string{""}, ""},
		{"-a\u00a0b\v-c", []string{"-a\u00a0b\v-c"}, ""},
		{`'-x`, nil, "unterminated ' string"},
		{`-x "`, nil, `unterminated " string`},
	} {
		got, err := SplitFlags(tt.in)
		if msg := message(err); msg != tt.err || !reflect.DeepEqual(got, tt.want) && err == nil {
			t.Errorf("SplitFlags(%q) = %q, %q; want %q, %q", tt.in, got, msg, tt.want, tt.err)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestSplitFlagsAgainstGo lets the real go name the first element of a list,
// which it does if that is no flag, or the error in it.
func TestSplitFlagsAgainstGo(t *testing.T) {
	goCmd, _ := goCommand(t)
	home := t.TempDir()
	base := []string{"HOME=" + home, "GOENV=off", "GOTOOLCHAIN=local", "PATH=" + os.Getenv("PATH")}
	quiet(t, base, home)
	for _, flags := range []string{
		"word", "'two words' -x", `"it's one" 'x`, `"closed" 'open'`, "\t tab", "a\u00a0b", "''", `"" -x`, `a"b c"`, `'x`, `\"x y`,
	} {
		cmd := exec.Command(goCmd, "list")
		cmd.Env, cmd.Dir = append(base, "GOFLAGS="+flags), home
		out, _ := cmd.CombinedOutput()
		got, err := SplitFlags(flags)
		want := "go: parsing $GOFLAGS: "
		if err != nil {
			want += err.Error()
		} else {
			want += "non-flag " + strconv.Quote(got[0])
		}
		if strings.TrimSpace(string(out)) != want {
			t.Errorf("%q: expected %s, go says %s", flags, want, out)
		}
	}
}
