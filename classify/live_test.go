package classify

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestWhatGoPrints runs the real go against a proxy that misbehaves: Live has
// to know each failure, and so has Text.
func TestWhatGoPrints(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  string
		fault func(http.ResponseWriter, *http.Request) bool
		want  Class
		retry bool
	}{
		{"status 500", "mod download", at(".zip", 500, "oops"), ServerError, true},
		{"status 503 with a page", "build .", at(".zip", 503, page), ServerError, true},
		{"status 503 as JSON", "mod download -json", at(".zip", 503, "down"), ServerError, true},
		{"status 408", "build .", at(".mod", 408, ""), ServerError, true},
		{"status 429", "get example.com/lib@v1.0.0", at(".info", 429, "rate limit exceeded"), RateLimited, true},
		{"status 404", "get example.com/lib@v1.1.0", nil, NotFound, false},
		{"status 404 of a list", "get example.com/other@latest", nil, NotFound, false},
		{"status 410", "mod download", at(".mod", 410, "gone"), Gone, false},
		{"status 404 for a reason that passes", "mod download", at(".mod", 404, "not found: fetch timed out"), NotFound, true},
		{"status 401", "mod tidy", at(".zip", 401, "who are you"), Unauthorized, false},
		{"status 403", "list -deps .", at(".zip", 403, "blocked by policy"), Forbidden, false},
		{"status 451", "mod download", at(".zip", 451, ""), Forbidden, false},
		{"no matching version", "get example.com/lib@v2", nil, NotFound, false},
		{"html as info", "get example.com/lib@v1.0.0", at(".info", 200, page), BadContent, false},
		{"html as mod", "mod download", at(".mod", 200, page), BadContent, false},
		{"html as zip", "mod download", at(".zip", 200, page), BadContent, true},
		{"html as zip of a build", "build .", at(".zip", 200, page), BadContent, true},
		{"half a zip", "vet .", at(".zip", 200, string(libZip()[:200])), BadContent, true},
		{"empty info", "get example.com/lib@v1.0.0", at(".info", 200, ""), BadContent, true},
		{"info of another version", "get example.com/lib@v1.0.0", at(".info", 200, `{"Version":"v1.2.0"}`), BadContent, false},
		{"redirects in a circle", "mod download", circle, BadContent, false},
		{"reset before the answer", "mod download", cut(".zip", false, true), Reset, true},
		{"closed before the answer", "build .", cut(".zip", false, false), Truncated, true},
		{"cut body", "mod download", cut(".zip", true, false), Truncated, true},
		{"reset body", "test .", cut(".zip", true, true), Reset, true},
		{"another path declared", "mod download", at(".mod", 200, "module example.com/elsewhere\n"), NotFound, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, false)
			s.fault = c.fault
			out, want := s.run(strings.Fields(c.args)...), c.want
			if runtime.GOOS == "windows" && want == Reset && strings.Contains(out, "unexpected EOF") {
				want = Truncated // Wine may tell of a reset as of an end
			}
			s.expect(out, want, c.retry)
		})
	}
}

func circle(w http.ResponseWriter, r *http.Request) bool {
	http.Redirect(w, r, r.URL.Path, http.StatusFound)
	return true
}

// expect checks what Live and Text make of an output of go.
func (s *stage) expect(out string, want Class, retry bool) {
	s.t.Helper()
	for _, how := range []struct {
		name string
		read func(string) []Failure
	}{{"Live", Live}, {"Text", Text}} {
		found := how.read(out)
		if len(found) == 0 {
			s.t.Errorf("%s finds nothing, want %s, in:\n%s", how.name, want, out)
			continue
		}
		f := found[0]
		if f.Class != want || f.Transient != retry {
			s.t.Errorf("%s: %s, transient %v; want %s, %v (%s) in:\n%s", how.name, f.Class, f.Transient, want, retry, f.Evidence, out)
		}
		if f.Evidence == "" || f.Class != HTTPProxy && f.Host != "" && f.Host != "127.0.0.1" && f.Host != "sum.golang.org" {
			s.t.Errorf("%s: host %q, evidence %q", how.name, f.Host, f.Evidence)
		}
	}
}

func TestWhatGoPrintsOfTLSAndProxies(t *testing.T) {
	t.Run("unknown authority", func(t *testing.T) {
		s := newStage(t, true)
		s.expect(s.run("mod", "download"), TLSVerify, false)
	})
	t.Run("https asked of plain http", func(t *testing.T) {
		s := newStage(t, false)
		s.set("GOPROXY=" + strings.Replace(s.server.URL, "http:", "https:", 1))
		s.expect(s.run("mod", "download"), TLSVerify, false)
	})
	t.Run("http asked of TLS", func(t *testing.T) {
		s := newStage(t, true)
		s.set("GOPROXY=" + strings.Replace(s.server.URL, "https:", "http:", 1))
		s.expect(s.run("mod", "download"), NotFound, false) // net/http answers 400 in plain text
	})
	t.Run("old protocol", func(t *testing.T) {
		s := newStage(t, true)
		s.server.TLS.MaxVersion = tls.VersionTLS11
		s.expect(s.run("mod", "download"), TLSVerify, false)
	})
	for _, status := range []int{403, 407, 502, 503, 504} {
		t.Run(fmt.Sprint("CONNECT refused with ", status), func(t *testing.T) {
			s := newStage(t, false)
			s.fault = func(w http.ResponseWriter, r *http.Request) bool { w.WriteHeader(status); return true }
			s.set("GOPROXY=https://proxy.invalid", "HTTPS_PROXY="+s.server.URL)
			s.expect(strings.ReplaceAll(s.run("mod", "download"), "proxy.invalid", "127.0.0.1"), HTTPProxy, status > 500)
		})
	}
	t.Run("HTTP proxy down", func(t *testing.T) {
		s := newStage(t, false)
		s.set("GOPROXY=https://proxy.invalid", "HTTPS_PROXY=http://127.0.0.1:9")
		s.expect(s.run("mod", "download"), HTTPProxy, true)
	})
	t.Run("refused", func(t *testing.T) {
		s := newStage(t, false)
		s.set("GOPROXY=http://127.0.0.1:9")
		s.expect(s.run("build", "."), Connect, true)
	})
	t.Run("stream reset", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("Windows has a store of its own in the place of SSL_CERT_FILE")
		}
		s := newStage(t, true)
		ca := filepath.Join(s.dir, "ca.pem")
		s.write("ca.pem", pemOf(s.server.Certificate().Raw))
		s.fault = func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, ".zip") {
				return false
			}
			w.Write(libZip()[:100])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		s.set("SSL_CERT_FILE=" + ca)
		s.expect(s.run("mod", "download"), HTTP2, true)
	})
}

func TestWhatGoPrintsOfTheChecksumDatabase(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   Class
		retry  bool
	}{
		{"fails", 500, "oops", SumDBUnreachable, true},
		{"busy", 429, "", SumDBUnreachable, true},
		{"forbidden", 403, "", SumDBUnreachable, false},
		{"does not know it", 404, "not found: example.com/lib@v1.0.0: invalid version: git ls-remote -q origin in /tmp/x: exit status 128:\n\tfatal: could not read Username for 'https://example.com': terminal prompts disabled", SumDBMissing, false},
		{"does not know it yet", 404, "not found: example.com/lib@v1.0.0: invalid version: unknown revision v1.0.0", SumDBMissing, true},
		{"could not fetch it", 410, "not found: example.com/lib@v1.0.0: fatal: unable to access 'https://example.com/': Failed to connect to example.com port 443: Connection refused", SumDBMissing, true},
		{"is a portal", 200, page, BadContent, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, false)
			s.fault = func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/supported") {
					return true
				}
				return strings.Contains(r.URL.Path, "/sumdb/") && at("", c.status, c.body)(w, r)
			}
			s.set("GOSUMDB=sum.golang.org")
			s.expect(s.run("mod", "download"), c.want, c.retry)
		})
	}
}

func TestWhatGoPrintsOfTheCache(t *testing.T) {
	filled := func(t *testing.T) *stage {
		s := newStage(t, false)
		cmd := exec.Command("go", "build", ".")
		cmd.Dir, cmd.Env = s.dir, s.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return s
	}
	const zipFile = "go/pkg/mod/cache/download/example.com/lib/@v/v1.0.0.zip"
	t.Run("empty source file", func(t *testing.T) {
		s := filled(t)
		s.write("go/pkg/mod/example.com/lib@v1.0.0/lib.go", "")
		s.set("GODEBUG=goindex=0")
		s.expect(s.run("build", "."), CacheCorrupt, false)
	})
	t.Run("zeros in a source file", func(t *testing.T) {
		s := filled(t)
		s.write("go/pkg/mod/example.com/lib@v1.0.0/lib.go", strings.Repeat("\x00", 64))
		s.set("GODEBUG=goindex=0")
		s.expect(s.run("build", "."), CacheCorrupt, false)
	})
	t.Run("damaged zip, directory gone", func(t *testing.T) {
		s := filled(t)
		s.write(zipFile, "PK garbage")
		os.RemoveAll(filepath.Join(s.dir, "go/pkg/mod/example.com"))
		out := s.run("build", ".")
		f := first(out)
		if f.Class != CacheCorrupt && f.Class != BadContent {
			t.Errorf("got %s in:\n%s", f.Class, out)
		}
	})
	t.Run("empty go.mod", func(t *testing.T) {
		s := filled(t)
		s.write("go/pkg/mod/cache/download/example.com/lib/@v/v1.0.0.mod", "")
		s.expect(s.run("list", "-m", "all"), Checksum, false)
	})
	t.Run("wrong go.sum", func(t *testing.T) {
		s := newStage(t, false)
		s.write("go.sum", "example.com/lib v1.0.0 h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nexample.com/lib v1.0.0/go.mod h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
		s.expect(s.run("mod", "download"), Checksum, false)
	})
	t.Run("verify finds a changed directory", func(t *testing.T) {
		s := filled(t)
		s.write("go/pkg/mod/example.com/lib@v1.0.0/lib.go", "package lib // changed\n")
		s.expect(s.run("mod", "verify"), CacheCorrupt, false)
	})
	t.Run("a file where the cache should be", func(t *testing.T) {
		s := newStage(t, false)
		s.write("go/pkg/mod", "")
		s.expect(s.run("mod", "download"), CacheIO, false)
	})
}

func TestWhatGoPrintsOfSettings(t *testing.T) {
	for _, c := range []struct {
		name, args string
		env        string
		want       Class
	}{
		{"proxy off", "mod download", "GOPROXY=off", Configuration},
		{"proxy off for a build", "build .", "GOPROXY=off", Configuration},
		{"proxy off for latest", "get example.com/lib@latest", "GOPROXY=off", Configuration},
		{"no such scheme", "mod download", "GOPROXY=ftp://127.0.0.1", Configuration},
		{"invalid database", "mod download", "GOSUMDB=what is this", Configuration},
		{"no git", "mod download", "PATH=", VCSMissing},
		{"git forbidden", "mod download", "GOVCS=*:off", VCSMissing},
		{"toolchain not there", "version", "GOTOOLCHAIN=go1.99.0", Toolchain},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, false)
			s.set(c.env)
			if c.want == VCSMissing {
				s.set("GOPROXY=direct")
				s.write("go.mod", "module example.org/app\n\nrequire github.com/acme/lib v1.0.0\n")
			}
			out := s.run(strings.Fields(c.args)...)
			for _, read := range []func(string) []Failure{Live, Text} {
				if found := read(out); len(found) == 0 || found[0].Class != c.want || found[0].Transient {
					t.Errorf("got %v, want %s, in:\n%s", found, c.want, out)
				}
			}
		})
	}
}

// TestWhatGoPrintsOfGit lets git ask a server on loopback in place of GitHub.
func TestWhatGoPrintsOfGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git")
	}
	for _, c := range []struct {
		name  string
		fault func(http.ResponseWriter, *http.Request) bool
		want  Class
		retry bool
	}{
		{"status 500", at("", 500, ""), VCSNetwork, true},
		{"status 429", at("", 429, ""), VCSNetwork, true},
		{"status 403", at("", 403, ""), VCSAuth, false},
		{"status 404", at("", 404, ""), VCSAuth, false},
		{"wants a password", func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(401)
			return true
		}, VCSAuth, false},
		{"reset", cut("", false, true), VCSNetwork, true},
		{"closed", cut("", false, false), VCSNetwork, true},
		{"cut", cut("", true, false), VCSNetwork, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, false)
			s.fault = c.fault
			s.write("go.mod", "module example.org/app\n\nrequire github.com/acme/lib v1.0.0\n")
			s.write(".gitconfig", "[url \""+s.server.URL+"/\"]\n\tinsteadOf = https://github.com/\n")
			s.set("GOPROXY=direct")
			s.expect(s.run("mod", "download"), c.want, c.retry)
		})
	}
	t.Run("refused", func(t *testing.T) {
		s := newStage(t, false)
		s.write("go.mod", "module example.org/app\n\nrequire github.com/acme/lib v1.0.0\n")
		s.write(".gitconfig", "[url \"http://127.0.0.1:9/\"]\n\tinsteadOf = https://github.com/\n")
		s.set("GOPROXY=direct")
		s.expect(s.run("mod", "download"), VCSNetwork, true)
	})
}

// quoting has errors in the messages of which the compiler repeats what is written.
const quoting = `package main

func main() {
	var _ int = "zip: not a valid zip file"
	var _ int = "go: example.com/a@v1.0.0: reading https://proxy.golang.org/example.com/a/@v/v1.0.0.zip: 503 Service Unavailable"
	_ = "Get https://proxy.golang.org/x/@v/list: dial tcp: lookup proxy.golang.org: i/o timeout" + 1
	_ = -"stream error: stream ID 1; INTERNAL_ERROR"
	switch "" {
	case "checksum mismatch", "checksum mismatch":
	}
}
`

// TestWhatGoPrintsOtherwise are failures that nobody may heal.
func TestWhatGoPrintsOtherwise(t *testing.T) {
	for _, c := range []struct {
		name, args string
		files      map[string]string
	}{
		{"compile error", "build .", map[string]string{"main.go": "package main\n\nfunc main() { undefined() }\n"}},
		{"compile errors that quote", "build .", map[string]string{"main.go": quoting}},
		{"syntax error", "build .", map[string]string{"main.go": "package main\n\nfunc main() {\n"}},
		{"empty file of one's own", "build .", map[string]string{"main.go": ""}},
		{"go.mod that does not parse", "build .", map[string]string{"go.mod": "module example.org/app\n\nrequre x v1\n"}},
		{"missing go.sum", "build -mod=readonly .", nil},
		{"package that is not there", "build .", map[string]string{"main.go": "package main\n\nimport _ \"example.com/lib/sub\"\n\nfunc main() {}\n"}},
		{"not in std", "build .", map[string]string{"main.go": "package main\n\nimport _ \"no/such\"\n\nfunc main() {}\n"}},
		{"failing test", "test .", map[string]string{"x_test.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nfunc TestX(t *testing.T) {\n\tfmt.Println(\"go: example.com/a@v1.0.0: reading https://proxy.golang.org/example.com/a/@v/v1.0.0.zip: 502 Bad Gateway\")\n\tt.Fatal(\"go: example.com/a@v1.0.0: unexpected EOF\")\n}\n"}},
		{"program", "run .", map[string]string{"main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tfmt.Println(\"go: example.com/a@v1.0.0: reading https://proxy.golang.org/example.com/a/@v/v1.0.0.zip: 502 Bad Gateway\")\n\tos.Exit(3)\n}\n"}},
		{"unknown command", "mod downlod", nil},
		{"go.mod of a newer go", "build .", map[string]string{"go.mod": "module example.org/app\n\ngo 1.99\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, false)
			for name, text := range c.files {
				s.write(name, text)
			}
			out := s.run(strings.Fields(c.args)...)
			if found := Text(out); found != nil {
				t.Errorf("got %+v in:\n%s", found, out)
			}
			if ran := strings.HasPrefix(c.args, "test") || strings.HasPrefix(c.args, "run"); ran {
				return // Live never sees the output of the user's code
			}
			if found := Live(out); found != nil {
				t.Errorf("Live: got %+v in:\n%s", found, out)
			}
		})
	}
}

func pemOf(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
