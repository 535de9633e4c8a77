package relay

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modtest"
)

// TestAskedTwice: a refusal of an https server counts when it is repeated at once,
// whatever the policy says of retries, since cmd/go asks twice. It is no healed
// failure: go alone would not have met one.
func TestAskedTwice(t *testing.T) {
	for _, status := range []int{400, 401, 402, 403, 404, 405, 407, 410, 418, 421, 429, 451} {
		for _, path := range []string{"/@v/list", "/@latest", "/@v/v1.0.0.info", "/@v/v1.0.0.mod", "/@v/v1.0.0.zip"} {
			t.Run(fmt.Sprint(status, path), func(t *testing.T) {
				p := modtest.Proxy(t, faultproxy.Config{Content: helloStore(t), TLS: true, Rules: fmt.Sprintf("** first=1 status=%d retry-after=100", status)})
				b := open(t, p.URL()+",direct", trusting(p), attempts(1))
				equal(t, "status", b.get(0, hello+path).code, http.StatusOK)
				equal(t, "requests", p.Count("**"), 2)
				equal(t, "waits", b.clock.Waits(), "[]")
				equal(t, "healed", b.healed(), "[]")
			})
		}
	}
}

// TestAskedTwiceAtMost: a refusal that is repeated is one; http and other answers are
// as they were; and one between two others begins anew.
func TestAskedTwiceAtMost(t *testing.T) {
	for _, tt := range []struct {
		name     string
		tls      bool
		rules    string
		code     int
		requests int
	}{
		{"for good", true, "** status=403", 403, 2},
		{"plain http", false, "** status=403", 403, 1},
		{"a page that is not there", true, "** status=404", 404, 2},
		{"not implemented", true, "** status=501", 501, 1},
		{"after a failure", true, "** only=1 status=500\n** only=2 status=403", 200, 3},
		{"before a failure", true, "** only=1 status=403\n** only=2 status=500\n** only=3 status=403", 200, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := modtest.Proxy(t, faultproxy.Config{Content: helloStore(t), TLS: tt.tls, Rules: tt.rules})
			edit := []func(*Config){func(*Config) {}}
			if tt.tls {
				edit = append(edit, trusting(p))
			}
			b := open(t, p.URL()+",direct", edit...)
			equal(t, "status", b.get(0, hello+"/@v/v1.0.0.zip").code, tt.code)
			equal(t, "requests", p.Count("**"), tt.requests)
			if tt.code == http.StatusOK {
				equal(t, "healed", b.events(journal.Healed), "[server-error retry zip]")
			}
		})
	}
}
