package relay

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// TestFlakyProxy: one answer in five breaks in the middle and one in ten is a
// 503, over both protocols, with and without fetching ahead.
func TestFlakyProxy(t *testing.T) {
	const rules = "** chance=0.1 seed=7 status=503\n** chance=0.2 seed=3 cut"
	store := faultproxy.NewStore()
	rnd := rand.New(rand.NewSource(1))
	var mod, sum strings.Builder
	var required []module.Version
	for i := range 40 {
		m := module.Version{Path: fmt.Sprintf("example.com/m%d", i), Version: "v1.0.0"}
		text := make([]byte, 1+rnd.Intn(100_000))
		for j := range text {
			text[j] = byte('a' + rnd.Intn(16))
		}
		if err := store.Add(m.Path, m.Version, map[string]string{"m.go": "package m\n", "text": string(text)}); err != nil {
			t.Fatal(err)
		}
		lines, err := store.Sum(m.Path, m.Version)
		if err != nil {
			t.Fatal(err)
		}
		sum.WriteString(lines)
		fmt.Fprintf(&mod, "require %s %s\n", m.Path, m.Version)
		required = append(required, m)
	}
	for _, http2 := range []bool{false, true} {
		for _, mode := range []PrefetchMode{None, Required} {
			p := modtest.Proxy(t, faultproxy.Config{Content: store, HTTP2: http2, Rules: rules})
			s := stage{args: []string{"mod", "download"}, env: []string{"GOPROXY=" + p.URL()}, mod: mod.String(), sum: sum.String()}
			s.edit = []func(*Config){trusting(p), func(c *Config) { c.Prefetch, c.Required = mode, required }}
			if code, stderr, _, _ := s.play(t, true); code != 0 {
				t.Errorf("HTTP/2 %v, mode %v: %s", http2, mode, stderr)
			}
		}
	}
}
