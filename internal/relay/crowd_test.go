package relay

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

// TestCrowd: many who ask for the same few things at once, of whom some go away,
// of a proxy that answers late, breaks off, or never answers. What they get is right,
// whoever stays gets an answer, and when the relay has closed nothing of it is left.
func TestCrowd(t *testing.T) {
	const rules = "** chance=0.1 seed=1 hang\n** chance=0.1 seed=2 stall\n** chance=0.2 seed=3 cut\n** chance=0.2 seed=4 delay=20ms slow"
	for _, http2 := range []bool{false, true} {
		store := helloStore(t)
		p := modtest.Proxy(t, faultproxy.Config{Content: store, HTTP2: http2, Rules: rules})
		before := runtime.NumGoroutine()
		b := open(t, p.URL(), trusting(p), knowing(sums(t, store)), attempts(50), func(c *Config) {
			c.Policy.Hedge = 5 * time.Millisecond
			c.Policy.Timeouts.FirstByte, c.Policy.Timeouts.Stall = 50*time.Millisecond, 50*time.Millisecond
			c.Policy.Retry.Budget = time.Hour
			c.Cold = func() {}
		})
		var crowd sync.WaitGroup
		var stayed, served atomic.Int64
		for i := range 60 {
			crowd.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				leaves := i%3 == 0
				if leaves {
					time.AfterFunc(rand.N(40*time.Millisecond), cancel)
				}
				status := b.ask(ctx, store, []string{".zip", ".mod", ".info"}[i/3%3], leaves)
				if !leaves {
					stayed.Add(1)
				}
				if !leaves && status == http.StatusOK {
					served.Add(1)
				}
			})
		}
		crowd.Wait()
		if served.Load() < stayed.Load()/2 { // all of them, but where the timeouts are those of a busy machine
			t.Errorf("HTTP/2 %t: %d of %d that stayed were served", http2, served.Load(), stayed.Load())
		}
		b.relay.Close()
		b.client.CloseIdleConnections()
		eventually(t, "goroutines left", func() int64 { return int64(max(0, runtime.NumGoroutine()-before)) }, 0)
		equal(t, "bytes held", b.relay.upstreams.Bodies().Used(), int64(0))
	}
}

// ask gets a file as one of a crowd, and returns the status, 0 for none.
func (b *bench) ask(ctx context.Context, store *faultproxy.Store, ext string, leaves bool) (status int) {
	req, err := http.NewRequestWithContext(ctx, "GET", b.relay.ends[0].prefix+"/"+helloPath+ext, nil)
	if err != nil {
		b.tb.Error(err)
		return 0
	}
	res, err := b.client.Do(req)
	var body []byte
	if err == nil {
		defer res.Body.Close()
		status = res.StatusCode
		body, err = io.ReadAll(res.Body)
	}
	switch {
	case err != nil && leaves:
	case err != nil:
		b.tb.Errorf("%s: %v", ext, err)
	case res.StatusCode != 200: // even a patient relay gives up
	case ext == ".zip" && string(body) != string(store.Zip(hello, "v1.0.0")):
		b.tb.Error("another zip")
	case ext != ".zip" && !strings.Contains(string(body), "v1.0.0") && !strings.Contains(string(body), hello):
		b.tb.Errorf("%s: %q", ext, body)
	}
	return status
}
