package relay

import (
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/gosum"
)

// TestTurnedAway: a server that takes four requests at a time, and no more, serves
// all that a relay asks for.
func TestTurnedAway(t *testing.T) {
	stay := 2 * time.Millisecond
	if runtime.GOOS == "windows" { // connections take longer to come there
		stay = 30 * time.Millisecond
	}
	for name, refuse := range map[string]func(w http.ResponseWriter){
		"429":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"503":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"abort": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHall(t)
			known, err := gosum.Parse([]byte(h.sum))
			if err != nil {
				t.Fatal(err)
			}
			var inside, refused atomic.Int64
			p := fault(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer inside.Add(-1)
				if inside.Add(1) > 4 {
					refused.Add(1)
					refuse(w)
					return
				}
				time.Sleep(stay)
				h.store.ServeHTTP(w, r)
			}), "")
			b := open(t, p.URL(), knowing(known), attempts(50), func(c *Config) { // its waits take no time here
				c.Policy.Prefetch, c.Policy.Retry.Budget = false, time.Hour
				c.AtOnce = 2 // as on a machine with two processors
			})
			for path, code := range b.askAll(h) {
				equal(t, path, code, http.StatusOK)
			}
			if refused.Load() == 0 {
				t.Error("nobody was turned away")
			}
		})
	}
}
