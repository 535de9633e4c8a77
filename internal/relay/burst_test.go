package relay

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// A short outage that meets more requests than may be asked again at once is
// outlived by all of them.
func TestBurst(t *testing.T) {
	h := newHall(t)
	known, err := gosum.Parse([]byte(h.sum))
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, fault(t, h.store, "** each first=1 status=503").URL(), knowing(known), func(c *Config) {
		c.Policy.Prefetch = false
		c.Policy.Retry.Budget = time.Hour // each wait moves the one clock of the test, as if nobody waited beside another
	})
	codes := b.askAll(h)
	if len(codes) <= 20 { // as many retries are ahead of good answers
		t.Fatalf("%d requests are no burst", len(codes))
	}
	for path, code := range codes {
		equal(t, path, code, http.StatusOK)
	}
}

// askAll asks for all files of a hall at once, and returns the status of each.
func (b *bench) askAll(h *hall) map[string]int {
	var all sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	for _, m := range h.versions {
		for _, k := range []modproxy.Kind{modproxy.Info, modproxy.Mod, modproxy.Zip} {
			path, _ := modproxy.Item{Kind: k, Mod: m}.Path()
			all.Go(func() {
				res, err := b.client.Get(b.relay.ends[0].prefix + "/" + path)
				if err != nil {
					b.tb.Error(err)
					return
				}
				res.Body.Close()
				mu.Lock()
				defer mu.Unlock()
				codes[path] = res.StatusCode
			})
		}
	}
	all.Wait()
	return codes
}
