package relay

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

const helloPath = hello + "/@v/v1.0.0"

// asked counts what a proxy was asked for, by path.
func asked(paths []string) map[string]int {
	n := map[string]int{}
	for _, p := range paths {
		n[p]++
	}
	return n
}

func TestColdIsNoticedOnce(t *testing.T) {
	store := helloStore(t)
	p := modtest.Proxy(t, faultproxy.Config{Content: store, Latency: 20 * time.Millisecond})
	cold := make(chan bool, 8)
	b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) { c.Cold = func() { cold <- true } })
	for _, unsaid := range []string{hello + "/@v/list", helloPath + ".info", helloPath + ".info", hello + "/@v/v1.1.0.mod", hello + "/@v/v1.1.0.zip", hello + "/@latest"} {
		b.get(0, unsaid) // a query, or nothing that go.sum names
	}
	for range 5 {
		equal(t, "status", b.get(0, helloPath+".mod").code, http.StatusOK)
	}
	select {
	case <-cold:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told that the cache is cold")
	}
	b.relay.Close()
	equal(t, "told", len(cold), 0)
}

// Two go commands of one invocation ask the upstream once; what only one go
// command asks for twice is a doubt, and asked anew.
func TestSmallFilesAreKeptForTheScout(t *testing.T) {
	store := helloStore(t)
	for _, scout := range []bool{false, true} {
		p := fault(t, store, "")
		b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) {
			c.Policy.Prefetch = false
			if scout {
				c.Cold = func() {}
			}
		})
		for range 2 {
			b.get(0, helloPath+".mod")
			b.get(0, helloPath+".zip")
			b.get(0, hello+"/@v/v1.1.0.mod") // nothing vouches for it
		}
		var paths []string
		for _, q := range p.Requests() {
			paths = append(paths, q.Path)
		}
		want := map[string]int{"/" + helloPath + ".mod": 2, "/" + helloPath + ".zip": 2, "/" + hello + "/@v/v1.1.0.mod": 2}
		if scout {
			want["/"+helloPath+".mod"] = 1
		}
		equal(t, "requests", asked(paths), want)

		b.relay.Suspect()
		equal(t, "kept bytes", b.relay.prefetch.Counts().Shared, 0)
		b.get(0, helloPath+".mod")
		equal(t, "requests of a doubt", len(p.Requests()), len(paths)+1)
	}
}
