package classify

import (
	"strings"
	"testing"
)

// TestWhereANaiveReadingGoesWrong has the traps that regular expressions over
// such logs fall into, one by one.
func TestWhereANaiveReadingGoesWrong(t *testing.T) {
	const vcs = "git ls-remote -q origin in /go/pkg/mod/cache/vcs/0be68f0b3f6ae46d99c4c556601c77b6f43aebfc8c565c460e79ccf3b9c08b5d: exit status 128:\n\t"
	for _, c := range []struct {
		trap, text string
		want       Class
		retry      bool
	}{
		{"a prefix wraps DNS", `go: a.b/c@v1.0.0: invalid version: Get "https://p.q/a.b/c/@v/v1.0.0.info": dial tcp: lookup p.q: no such host`, DNS, true},
		{"a prefix wraps a reset", `go: a.b/c@v1.0.0: unrecognized import path "a.b/c": https fetch: Get "https://a.b/c?go-get=1": read tcp 1.2.3.4:5->6.7.8.9:443: read: connection reset by peer`, Reset, true},
		{"a prefix wraps 5xx", `go: a.b/c@v1.0.0: unrecognized import path "a.b/c": reading https://a.b/c?go-get=1: 503 Service Unavailable`, ServerError, true},
		{"a prefix wraps early EOF", "go: a.b/c@v1.0.0: invalid version: " + vcs + "fatal: early EOF", VCSNetwork, true},
		{"a prefix wraps GOVCS", `go: a.b/c@v1.0.0: unrecognized import path "a.b/c": GOVCS disallows using bzr for public a.b/c; see 'go help vcs'`, VCSMissing, false},
		{"errors parsing go.mod wraps the network", "go: errors parsing go.mod:\ngo.mod:5: require a.b/c: version \"main\" invalid: Get \"http://127.0.0.1:9/a.b/c/@v/main.info\": dial tcp 127.0.0.1:9: connect: connection refused", Connect, true},
		{"errors parsing go.mod alone", "go: errors parsing go.mod:\ngo.mod:5: unknown directive: requre", NotFetch, false},

		{"404 of a service in trouble", "go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.info: 404 Not Found\n\tserver response: not found: fatal: unable to access 'https://a.b/c/': Failed to connect to a.b port 443", NotFound, true},
		{"410 of a service in trouble", "go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.info: 410 Gone\n\tserver response: not found: error: inflate: data stream error (incorrect header check)", Gone, true},
		{"404 that is meant", "go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.info: 404 Not Found\n\tserver response: not found: a.b/c@v1.0.0: invalid version: unknown revision v1.0.0", NotFound, false},

		{"unknown revision is fallout", "go: a.b/c@v1.0.0: unknown revision v1.0.0\ngo: a.b/d@v1.0.0: " + vcs + "fatal: unable to access 'https://a.b/d/': Could not resolve host: a.b", VCSNetwork, true},
		{"plain damage as SECURITY ERROR", "verifying a.b/c@v1.0.0/go.mod: checksum mismatch\n\tdownloaded: h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=\n\tgo.sum:     h1:x\n\nSECURITY ERROR", Checksum, false},

		{"an HTTP proxy refuses without a number", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.mod": Forbidden`, HTTPProxy, false},
		{"a module proxy refuses with one", `go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.mod: 403 Forbidden`, Forbidden, false},
		{"an HTTP proxy in words of its own", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.mod": Blocked by the web filter`, HTTPProxy, false},

		{"a portal as .info", `go: a.b/c@v1.0.0: invalid response from proxy "https://p.q": invalid character '<' looking for beginning of value`, BadContent, false},
		{"a portal as .mod", "go: a.b/c@v1.0.0: parsing go.mod: missing module line", BadContent, false},
		{"a portal as .zip", "go: downloading a.b/c v1.0.0\ngo: zip: not a valid zip file", BadContent, true},
		{"a portal as checksum database", "go: a.b/c@v1.0.0: verifying module: a.b/c@v1.0.0: malformed record data", BadContent, false},
		{"a portal that redirects", `go: a.b/c@v1.0.0: Get "https://p.q/login": stopped after 10 redirects`, BadContent, false},

		{"a damaged directory as a syntax error", "/go/pkg/mod/a.b/c@v1.0.0/c.go:1:1: expected 'package', found 'EOF'", CacheCorrupt, false},
		{"the same of one's own file", "internal/c/c.go:1:1: expected 'package', found 'EOF'", NotFetch, false},
		{"a missing package in go.mod", "main.go:3:8: no required module provides package a.b/c; to add it:\n\tgo get a.b/c", NotFetch, false},

		{"FAIL of a set-up is a fetch", "# example.org/app\nmain.go:3:8: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 503 Service Unavailable\nFAIL\texample.org/app [setup failed]\nFAIL", ServerError, true},
		{"FAIL of a test is none", "--- FAIL: TestX (0.00s)\n    x_test.go:3: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 503 Service Unavailable\nFAIL\nFAIL\texample.org/app\t0.1s", NotFetch, false},
		{"a set-up that failed beside a test that failed", "# example.org/app/a\na/a.go:3:8: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 503 Service Unavailable\nFAIL\texample.org/app/a [setup failed]\n--- FAIL: TestX (0.00s)\n    x_test.go:3: boom\nFAIL\nFAIL\texample.org/app/b\t0.1s", ServerError, true},

		{"refused after a lookup is DNS", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.mod": dial tcp: lookup p.q on 127.0.0.53:53: read udp 127.0.0.1:5->127.0.0.53:53: read: connection refused`, DNS, true},
		{"refused after proxyconnect is the HTTP proxy", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.mod": proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused`, HTTPProxy, true},
		{"refused at the checksum database", `go: a.b/c@v1.0.0: verifying go.mod: a.b/c@v1.0.0/go.mod: Get "https://sum.golang.org/lookup/a.b/c@v1.0.0": dial tcp 1.2.3.4:443: connect: connection refused`, SumDBUnreachable, true},

		{"a full disk as a failed read", `go: a.b/c@v1.0.0: read "https:/p.q/@v/v1.0.0.zip": write /go/pkg/mod/cache/download/a.b/c/@v/v1.0.0.zip1.tmp: no space left on device`, CacheIO, false},
		{"a full disk of the compiler", "# a.b/c\ncompile: writing output: write $WORK/b001/_pkg_.a: no space left on device", NotFetch, false},
		{"a full disk of the linker", "/usr/local/go/pkg/tool/linux_amd64/link: mapping output file failed: no space left on device", NotFetch, false},

		{"200 OK before a reset", "# get https://p.q/a.b/c/@v/v1.0.0.zip: 200 OK (0.1s)\ngo: a.b/c@v1.0.0: read \"https://p.q/a.b/c/@v/v1.0.0.zip\": read tcp 1.2.3.4:5->6.7.8.9:443: read: connection reset by peer", Reset, true},
		{"404 that go got over", "# get https://p.q/a.b/@v/v1.0.0.info: 404 Not Found (0.1s)\ngo: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 502 Bad Gateway", ServerError, true},
		{"404 and then the next proxy has it", "# get https://p.q/a.b/c/@v/list: 404 Not Found (0.1s)\n# get https://r.s/a.b/c/@v/list: 200 OK (0.1s)\ngo: added a.b/c v1.0.0", NotFetch, false},
		{"503 after another file came", "# get https://p.q/a.b/c/@v/v1.0.0.mod: 200 OK (0.1s)\n# get https://p.q/a.b/c/@v/v1.0.0.zip: 503 Service Unavailable (0.1s)", ServerError, true},
		{"a command in the quotes of prose", "- `go mod download` no longer fails with `stream error: stream ID 7; INTERNAL_ERROR`", NotFetch, false},
		{"a program counts its attempts", "mirror: a.b/c@v1.0.0: attempt 1: unexpected EOF\nmirror: a.b/c@v1.0.0: attempt 2: ok", NotFetch, false},
		{"git's exit status on a line of its own", "go: a.b/c@v1.0.0: git ls-remote -q origin in /go/pkg/mod/cache/vcs/0be6:\nfatal: unable to access 'https://a.b/c/': Could not resolve host: a.b\nexit status 128", VCSNetwork, true},
		{"net/http in words that no one knows", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.mod": http: something went astray`, Reset, true},
		{"a file of the cache that vanished", "go: a.b/c@v1.0.0: open /go/pkg/mod/cache/download/a.b/c/@v/v1.0.0.info: no such file or directory", CacheIO, true},
		{"a file of one's own that is missing", "go: a.b/c@v1.0.0 (replaced by ../c): reading ../c/go.mod: open /src/c/go.mod: no such file or directory", NotFetch, false},
		{"-json names the module in another field", "{\n\t\"Path\": \"a.b/c\",\n\t\"Version\": \"v1.0.0\",\n\t\"Error\": \"zip: checksum error\",\n\t\"Info\": \"/x.info\"\n}", BadContent, true},
		{"a service logs an error of its own", `time=2026-05-01T10:00:00Z level=WARN msg="upstream failed" err="reading https://p.q/a.b/c/@v/list: 503 Service Unavailable"`, NotFetch, false},
		{"a tool logs what go said", `time=2026-05-01T10:00:00Z level=ERROR msg="command failed" err="exit status 1: go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 503 Service Unavailable"`, ServerError, true},
		{"a test prints a SECURITY ERROR", "verifying a.b/c@v1.0.0: checksum mismatch\n\tdownloaded: h1:x\n\tgo.sum:     h1:y\n\nSECURITY ERROR\nThis download does NOT match an earlier download recorded in go.sum.\n--- FAIL: TestX (0.00s)\nFAIL\nFAIL\texample.org/app\t0.1s", NotFetch, false},
		{"a test prints a load error", "main.go:3:8: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 502 Bad Gateway\n--- FAIL: TestX (0.00s)\nFAIL\nFAIL\texample.org/app\t0.1s", NotFetch, false},
		{"what an assertion got", "Error: got \"go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.mod: 504 Gateway Timeout\"", NotFetch, false},
		{"go mod verify of a damaged zip", "a.b/c v1.0.0: zip: not a valid zip file", BadContent, true},
		{"a log without its line breaks", "go: downloading a.b/c v1.0.0 go: downloading a.b/d v1.0.0 main.go:3:8: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 502 Bad Gateway", ServerError, true},
		{"a log with twice its line breaks", "--- FAIL: TestX (0.00s)\n\n    x_test.go:3: a.b/c@v1.0.0: unexpected EOF\n\nFAIL\n\nFAIL\ta.b/x\t0.1s\n", NotFetch, false},
		{"a workflow command", "::error file=go.mod,line=3::go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 502 Bad Gateway%0A\tserver response: down", ServerError, true},
		{"a test in a string", `Error: command failed: "--- FAIL: TestX (0.00s)\n    x_test.go:3: a.b/c@v1.0.0: unexpected EOF\nFAIL\n"`, NotFetch, false},
		{"a failure in a string", `Error: command failed: "go: downloading a.b/c v1.0.0\ngo: a.b/c@v1.0.0: Get \"https://p.q/a.b/c/@v/v1.0.0.zip\": EOF\n"`, Truncated, true},
		{"a page", "&gt; go: a.b/c@v1.0.0: Get &#34;https://p.q/a.b/c/@v/v1.0.0.zip&#34;: net/http: TLS handshake timeout", TLSHandshake, true},
		{"an address broken off and indented", "go: a.b/c@v1.0.0: reading https://proxy.example.com/artifactory/api/go/a.\n    b/c/@v/v1.0.0.zip: 502 Bad Gateway", ServerError, true},
		{"a tail that was cut", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.zip": net/http: TLS handsh`, TLSHandshake, true},
		{"a whole word at the end", "go: a.b/c@v1.0.0 (replaced by ../c): reading ../c/go.mod: open /src/c/go.mod: no such file or directory", NotFetch, false},
		{"escaped line breaks", `level=error msg="go: downloading a.b/c v1.0.0\ngo: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.zip: 502 Bad Gateway\n\tserver response: bad\n"`, ServerError, true},
		{"backslashes of Windows", `main.go:3:8: open C:\Users\nick\go\pkg\mod\cache\download\a.b\c\@v\v1.0.0.lock: Access is denied.`, CacheIO, false},

		{"a toolchain that does not exist", "go: download go1.22 for linux/amd64: toolchain not available", Toolchain, false},
		{"a toolchain that was cut off", `go: download go1.22.0 for linux/amd64: golang.org/toolchain@v0.0.1-go1.22.0.linux-amd64: Get "https://p.q/golang.org/toolchain/@v/v0.0.1-go1.22.0.linux-amd64.zip": unexpected EOF`, Toolchain, true},
		{"a missing repository as a damaged clone", "go: git.corp.example/a@v1.0.0: invalid version: " + vcs + "fatal: 'a.git' does not appear to be a git repository\n\tfatal: Could not read from remote repository.", VCSAuth, false},
		{"a damaged clone as a missing repository", "go: git.corp.example/a@v1.0.0: invalid version: " + vcs + "fatal: 'origin' does not appear to be a git repository\n\tfatal: Could not read from remote repository.", CacheCorrupt, false},
		{"a missing repository as authentication", "go: github.com/a/b@v1.0.0: invalid version: " + vcs + "fatal: could not read Username for 'https://github.com': terminal prompts disabled", VCSAuth, false},
		{"a takedown as a network error", "go: github.com/a/b@v1.0.0: " + vcs + "fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 451", VCSAuth, false},
		{"a limit as a refusal", "go: github.com/a/b@v1.0.0: " + vcs + "fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 429", VCSNetwork, true},
		{"an overloaded GitLab as a missing repository", "go: gitlab.com/a/b@v1.0.0: " + vcs + "fatal: remote error: GitLab is currently unable to handle this request due to load.\n\tfatal: Could not read from remote repository.", VCSNetwork, true},
		{"a certificate as a network error", "go: a.b/c@v1.0.0: " + vcs + "fatal: unable to access 'https://a.b/c/': OpenSSL/3.0.2: error:0A000152:SSL routines::unsafe legacy renegotiation disabled", TLSVerify, false},
		{"a cut connection in the same words", "go: a.b/c@v1.0.0: " + vcs + "fatal: unable to access 'https://a.b/c/': OpenSSL/3.0.13: error:0A000126:SSL routines::unexpected eof while reading", VCSNetwork, true},
		{"a login page as a network error", "go: a.b/c@v1.0.0: " + vcs + "fatal: unable to access 'https://a.b/c/': Maximum (20) redirects followed", BadContent, false},
		{"a setting as a network error", "go: a.b/c@v1.0.0: " + vcs + "fatal: unable to access 'htps://a.b/c/': Protocol \"htps\" not supported or disabled in libcurl", Configuration, false},
		{"the limit of open files is not about the disk", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.mod": dial tcp 1.2.3.4:443: socket: too many open files`, Connect, true},
		{"nor is a bundle of roots", `go: a.b/c@v1.0.0: Get "https://p.q/a.b/c/@v/v1.0.0.mod": tls: failed to verify certificate: x509: failed to load system roots and no roots provided; open /etc/ssl/cert.pem: permission denied`, TLSVerify, false},
		{"an identifier is no error", "# a.b/c\n/go/pkg/mod/a.b/c@v1.0.0/c.go:3:5: undefined: errors.ErrConnectionRefused", NotFetch, false},
		{"a string of the source is none", `client.go:14:9: error strings should not end with punctuation: "go: a.b/c@v1.0.0: reading https://p.q/a.b/c/@v/v1.0.0.mod: 404 Not Found." (ST1005)`, NotFetch, false},
		{"a proxy's log is none", "upstream https://proxy.golang.org/a.b/c/@v/v1.0.0.zip: 502 Bad Gateway", NotFetch, false},
		{"a panic is none", `panic: Get "https://proxy.golang.org/a.b/c/@v/v1.0.0.zip": EOF [recovered]`, NotFetch, false},
		{"an exit line of go run", "go: a.b/c@v1.0.0: unexpected EOF\nexit status 1", NotFetch, false},
		{"a file that a proxy in a module cache lacks", "go: a.b/c@v1.0.0: reading file:///go/pkg/mod/cache/download/a.b/c/@v/v1.0.0.info: no such file or directory", NotFound, false},
		{"an exit line of go doc, once a tool", "doc: no such package a.b/c: unzip /go/pkg/mod/cache/download/a.b/c/@v/v1.0.0.zip: zip: not a valid zip file\nexit status 1", CacheCorrupt, false},
		{"an exit line of a tool", "go: a.b/c@v1.0.0: unexpected EOF\n2026/03/04 10:00:01 [FATAL] exit status 1", Truncated, true},
		{"the same of a checkout", "fatal: could not read Username for 'https://github.com': terminal prompts disabled\nError: The process '/usr/bin/git' failed with exit code 128", NotFetch, false},
	} {
		got := first(c.text)
		if got.Class != c.want || got.Transient != c.retry {
			t.Errorf("%s: got %s, want %s, transient %v, in:\n%s", c.trap, describe(got), c.want, c.retry, c.text)
		}
	}
}

// The path before these errors is the importing file, so that its module is
// the wrong one.
func TestZipErrorsNameWhatWasBeingFetched(t *testing.T) {
	const importer = "/go/pkg/mod/github.com/valyala/fasthttp@v1.31.0/compress.go:10:2: "
	for _, cause := range []string{"zip: not a valid zip file", "zip: checksum error"} {
		got := first("go: downloading github.com/klauspost/compress v1.13.4\n" + importer + cause + "\n")
		if got.Module != "github.com/klauspost/compress" || got.Version != "v1.13.4" {
			t.Errorf("%s: %s", cause, describe(got))
		}
	}
}

// What most posts on the web recommend first must not come from us.
func TestAdviceContradictsTheFolklore(t *testing.T) {
	forbidden := []string{"set GOSUMDB=off", "use GOSUMDB=off", "delete go.sum", "remove go.sum", "rm go.sum", "GONOSUMCHECK", "go clean -modcache", "GOFLAGS=-insecure", "http.sslVerify"}
	check := func(what, advice string) {
		for _, bad := range forbidden {
			if strings.Contains(strings.ToLower(advice), strings.ToLower(bad)) {
				t.Errorf("%s: advice says %q: %s", what, bad, advice)
			}
		}
	}
	for _, row := range Table() {
		check(string(row.Class), row.Advice)
		if row.Class != NotFetch && row.Advice == "" {
			t.Errorf("%s: no advice", row.Class)
		}
	}
	for _, k := range kinds {
		check(k.kind, k.advice)
	}
	for _, s := range everything(t) {
		for _, f := range Text(s.text) {
			if f.Advice == "" {
				t.Errorf("%s: no advice for %s", s.name, describe(f))
			}
		}
	}
}

func TestEvidenceHasNoSecrets(t *testing.T) {
	for _, text := range []string{
		"go: a.b/c@v1.0.0: reading https://me:hunter2@p.q/a.b/c/@v/v1.0.0.mod: 401 Unauthorized",
		"go: a.b/c@v1.0.0: Get \"https://hunter2@p.q/a.b/c/@v/v1.0.0.mod\": EOF",
		"go: a.b/c@v1.0.0: Get \"https://storage.googleapis.com/proxy-golang-org-prod/x.zip?Signature=hunter2\": EOF",
		"go: a.b/c@v1.0.0: invalid version: git ls-remote -q https://x:hunter2@github.com/a/b in /go/pkg/mod/cache/vcs/1: exit status 128:\n\tfatal: unable to access 'https://x:hunter2@github.com/a/b/': The requested URL returned error: 403",
	} {
		f := first(text)
		if f.Class == NotFetch || strings.Contains(f.Evidence+f.Host+f.Module, "hunter2") {
			t.Errorf("%s, host %q", describe(f), f.Host)
		}
	}
}
