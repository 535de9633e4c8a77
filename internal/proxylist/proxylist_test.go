package proxylist

import (
	"bytes"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

func TestParse(t *testing.T) {
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
		proxies, err := Parse(tt.list)
		if err != nil {
			t.Errorf("%q: %v", tt.list, err)
			continue
		}
		if got := describe(proxies); got != tt.want {
			t.Errorf("%q = %s, want %s", tt.list, got, tt.want)
		}
		if got := Format(proxies); got != tt.form {
			t.Errorf("%q formats as %q, want %q", tt.list, got, tt.form)
		}
	}
}

func describe(proxies []Proxy) string {
	kinds := map[Kind]string{HTTP: "http", File: "file", Direct: "direct", Off: "off"}
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

// TestParseErrors holds the refusals to the words of the real go.
func TestParseErrors(t *testing.T) {
	goCmd, home := modtest.RealGo(t), t.TempDir()
	for _, list := range []string{
		",", " | ", "word", "ftp://a.example", "file://host/path", "file:///p?q=1", "/absolute/path",
		"https://a.example,word", "http://%zz", "https://u:secret@a.example:port",
	} {
		_, err := Parse(list)
		if err == nil {
			t.Errorf("%q is accepted", list)
			continue
		}
		cmd := exec.Command(goCmd, "list", "-m", "corp.example/x@v1.0.0")
		cmd.Env, cmd.Dir = modtest.Env(t, "GOPROXY="+list), home
		out, _ := cmd.CombinedOutput()
		if !bytes.Contains(out, []byte(err.Error())) {
			t.Errorf("%q: %v; go says: %s", list, err, out)
		}
	}
}

// FuzzParse: what is accepted means the same after it is written again.
func FuzzParse(f *testing.F) {
	f.Add("https://a.example|b.example/x, direct,c")
	f.Add("file:///a|off")
	f.Fuzz(func(t *testing.T, list string) {
		first, err := Parse(list)
		if err != nil {
			return
		}
		second, err := Parse(Format(first))
		if err != nil {
			t.Fatalf("%q: %v", Format(first), err)
		}
		first[len(first)-1].FallBackOnError = false // nothing follows it
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%q: %v, then %v", list, first, second)
		}
	})
}

// The expectations are those of cmd/go, seen in how it reports a GOFLAGS that
// holds no flags: "go: parsing $GOFLAGS: non-flag ...".

func TestWithDirect(t *testing.T) {
	for _, test := range []struct {
		list    string
		after   Separator
		want    string
		changes bool
	}{
		{"https://a", ",", "https://a,direct", true},
		{"https://a", "|", "https://a|direct", true},
		{"https://a,https://b", "|", "https://a,https://b|direct", true},
		{"https://a,direct", "|", "https://a|direct", true},
		{"https://a,direct", ",", "https://a,direct", false},
		{"https://a|direct", "|", "https://a|direct", false},
		{"https://direct.offices.example", "|", "https://direct.offices.example|direct", true},
		{"https://a,off", "|", "https://a,off", false},
		{"direct", "|", "direct", false},
		{"", ",", "", false},
	} {
		got, changes := WithDirect(test.list, test.after)
		if got != test.want || changes != test.changes {
			t.Errorf("WithDirect(%q, %q) = %q, %v", test.list, test.after, got, changes)
		}
	}
}

func TestFilePath(t *testing.T) {
	for _, tt := range []struct{ goos, path, want string }{
		{"linux", "/srv/proxy", "/srv/proxy"},
		{"windows", "/C:/srv/proxy", `C:\srv\proxy`},
		{"windows", "/srv/proxy", `\srv\proxy`},
		{"windows", "//server/share/proxy", `\\server\share\proxy`},
		{"windows", "/", `\`},
	} {
		if got := filePath(tt.path, tt.goos); got != tt.want {
			t.Errorf("%s: %s is %s, want %s", tt.goos, tt.path, got, tt.want)
		}
	}
}
