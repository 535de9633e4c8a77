package relay

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/gosum"
)

// TestTurnedAway: a server that takes four requests at a time, and no more, serves
// all that a relay asks for.
func TestTurnedAway(t *testing.T) {
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
				time.Sleep(2 * time.Millisecond)
				h.store.ServeHTTP(w, r)
			}), "")
			b := open(t, p.URL(), knowing(known), attempts(50), func(c *Config) { // its waits take no time here
				c.Policy.Prefetch, c.Policy.Retry.Budget = false, time.Hour
			})
			for _, u := range b.relay.pool.all() {
				u.crowd.least = 2 // as on a machine with two processors
				u.crowd.limit = 2
			}
			for path, code := range b.askAll(h) {
				equal(t, path, code, http.StatusOK)
			}
			if refused.Load() == 0 {
				t.Error("nobody was turned away")
			}
		})
	}
}

// TestCrowdSize: how many may ask, after what was answered (+) and refused (-) of a
// crowd as large as may be, (s) as small, and (<) from before it was halved.
func TestCrowdSize(t *testing.T) {
	for _, tt := range []struct {
		what  string
		limit int
		free  bool
	}{
		{"", 2, false},
		{"+", 4, false},
		{"+++", 8, false},
		{"-", 2, false},          // before any answer: an outage
		{"+++-", 4, false},       // halved
		{"+++-+++", 4, false},    // not all of it was answered yet
		{"+++-++++", 5, false},   // one more
		{"+++--", 2, false},      // halved again
		{"+++--ssss", 2, false},  // it may not have seen them leave
		{"+++--++", 3, false},    // two of two were answered, and one more is tried
		{"+++--++-++", 3, false}, // which was too many
		{"+++--++++s", 3, false},
		{"+++--++++ss", 3, true}, // so few: it is not the size
		{"+++--++++ss-------", 3, true},
		{"+++--++++ss--------", 2, false}, // it is
		{"+++-<<", 4, false},              // from before it was halved
	} {
		c := newCrowd()
		c.least, c.limit = 2, 2
		for i := 0; i < len(tt.what); i++ {
			switch tt.what[i] {
			case '+':
				c.answered(ticket{size: c.limit, era: c.era})
			case '-':
				c.refused(ticket{size: c.limit, era: c.era})
			case 's':
				c.refused(ticket{size: c.least, era: c.era})
			case '<':
				c.refused(ticket{size: c.limit, era: c.era - 1})
			}
		}
		if c.limit != tt.limit || c.free != tt.free {
			t.Errorf("%q: %d, free %v, want %d, %v", tt.what, c.limit, c.free, tt.limit, tt.free)
		}
	}
}

func TestCrowdWaits(t *testing.T) {
	c := newCrowd()
	c.least, c.limit = 2, 2
	for range 2 {
		if _, err := c.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.enter(ctx); err == nil {
		t.Error("a third one came in")
	}
	in := make(chan ticket)
	go func() {
		got, _ := c.enter(t.Context())
		in <- got
	}()
	c.leave()
	if got := <-in; got.size != 2 {
		t.Errorf("in a crowd of %d", got.size)
	}
}
