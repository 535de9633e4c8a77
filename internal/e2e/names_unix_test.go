//go:build unix

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modtest"
)

// namedLike has file names for the classes that can lead to a wait or to another run.
// Go prints the name of a file that is no Go source, as it prints its own errors.
var namedLike = map[classify.Class]string{
	classify.DNS:              "go: x.test@v1.0.0: dial tcp: lookup x.test: no such host",
	classify.Connect:          "go: x.test@v1.0.0: dial tcp 1.2.3.4:443: connect: connection refused",
	classify.Timeout:          "go: x.test@v1.0.0: dial tcp 1.2.3.4:443: i",
	classify.Reset:            "go: x: read tcp 1.2.3.4:5->5.6.7.8:443: read: connection reset by peer",
	classify.Truncated:        "go: x.test@v1.0.0: unexpected EOF",
	classify.HTTP2:            "go: x.test@v1.0.0: stream error: stream ID 7; INTERNAL_ERROR",
	classify.TLSHandshake:     "go: x.test@v1.0.0: net: TLS handshake timeout",
	classify.ServerError:      "go: x.test@v1.0.0: reading x: 503 Service Unavailable",
	classify.RateLimited:      "go: x.test@v1.0.0: reading x: 429 Too Many Requests",
	classify.BadContent:       "go: x.test@v1.0.0: zip: not a valid zip file",
	classify.CacheCorrupt:     "go: x.test@v1.0.0: zip: checksum error",
	classify.Checksum:         "go: x.test@v1.0.0: verifying module: checksum mismatch",
	classify.SumDBUnreachable: "go: x.test@v1.0.0: verifying module: sum.golang.org: connection reset by peer",
	classify.VCSNetwork:       "go: x.test@v1.0.0: git fetch -f: exit status 128: fatal: early EOF",
	classify.Configuration:    "go: x.test@v1.0.0: no secure protocol found for repository",
	classify.Toolchain:        "go: download go1.99.0: read tcp 1.2.3.4:5->5.6.7.8:443: connection reset by peer",
}

// TestNamesAreNoFailures: without a witness, no text makes a command wait or run again.
func TestNamesAreNoFailures(t *testing.T) {
	p, _ := modtest.Flaky(t, "")
	for class, name := range namedLike {
		t.Run(string(class), func(t *testing.T) {
			t.Parallel()
			dir := modtest.Files(t, map[string]string{"go.mod": "module example.com/main\n\ngo 1.21\n", "ok/ok.go": "package ok\n"})
			if err := os.WriteFile(filepath.Join(dir, name+".go"), []byte("no source\n"), 0o666); err != nil {
				t.Skip("no such names here:", err)
			}
			for _, proxy := range []string{p.URL(), "direct"} {
				env := modtest.Env(t, "GOPROXY="+proxy, "GOSTEADY_LOG=debug")
				for _, command := range []string{"list", "build", "vet"} {
					got := modtest.Run(t, dir, env, steadyGo(), command, "./...")
					if !strings.Contains(got.Stderr, name) {
						t.Errorf("go %s does not print the name:\n%s", command, got.Stderr)
					}
					if n := strings.Count(got.Stderr, " ended: "); n > 1 || strings.Contains(got.Stderr, "waiting ") {
						t.Errorf("GOPROXY=%s go %s ran %d times:\n%s", proxy, command, n, got.Stderr)
					}
				}
			}
		})
	}
}
