package upstream

import (
	"net/url"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/limit"
)

// TestSlow: an upstream is slow by answers that take long, or by failing.
func TestSlow(t *testing.T) {
	const far = 5 * time.Millisecond
	for name, test := range map[string]struct {
		latencies []time.Duration
		retries   int
		slow      bool
	}{
		"unknown":   {nil, 0, false},
		"near":      {[]time.Duration{4 * far, 2 * far, far / 2}, 0, false},
		"far":       {[]time.Duration{2 * far, far}, 0, true},
		"near, ill": {[]time.Duration{0}, 1, true},
	} {
		c := &Client{retries: limit.NewRetries()}
		for _, took := range test.latencies {
			c.stats.answered(took, false)
		}
		for range test.retries {
			c.retries.Try()
		}
		equal(t, name, c.Slow(far), test.slow)
	}
}

// TestGroup: an address is one client, as a proxy and as a database.
func TestGroup(t *testing.T) {
	g := NewGroup(Config{})
	address, again := &url.URL{Scheme: "https", Host: "a.example"}, &url.URL{Scheme: "https", Host: "a.example"}
	equal(t, "proxy", g.Proxy(address) == g.Proxy(again), true)
	equal(t, "database", g.Database(address) == g.Database(again), true)
	equal(t, "another one", g.Database(address) == g.Proxy(address), false)
	equal(t, "all", len(g.Clients()), 2)
}
