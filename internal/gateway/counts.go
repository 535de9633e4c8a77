package gateway

import (
	"cmp"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gosteady/gosteady/internal/metrics"
)

// counts are what /metrics tells. The zero value is ready for use.
type counts struct {
	inFlight, sent                   atomic.Int64
	mismatches, unverified, unstored atomic.Int64
	conns                            atomic.Int64

	mu       sync.Mutex
	requests map[requestLabels]int64
	fetches  map[fetchLabels]int64
}

type requestLabels struct{ file, from, class string }

type fetchLabels struct{ upstream, outcome string }

func (c *counts) request(s *served) {
	class := "5xx"
	if s.status < 500 {
		class = string(rune('0'+s.status/100)) + "xx"
	}
	c.sent.Add(s.bytes)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests == nil {
		c.requests = make(map[requestLabels]int64)
	}
	c.requests[requestLabels{string(s.item.Kind), s.how, class}]++
}

func (c *counts) fetch(upstream string, err error) {
	outcome := "ok"
	status := (*StatusError)(nil)
	switch {
	case errors.As(err, &status) && status.final():
		outcome = "refused"
	case err != nil:
		outcome = "failed"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fetches == nil {
		c.fetches = make(map[fetchLabels]int64)
	}
	c.fetches[fetchLabels{upstream, outcome}]++
}

// metrics answers with all counts.
func (g *Gateway) metrics(s *served, p *plan) {
	s.how = "metrics"
	s.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w := metrics.NewWriter(s)
	c := &g.counts
	c.mu.Lock()
	requests, fetches := maps.Clone(c.requests), maps.Clone(c.fetches)
	c.mu.Unlock()
	w.Family("gosteady_gateway_requests_total", "counter", "Requests answered, by file, where the answer was from, and status.")
	for _, k := range slices.SortedFunc(maps.Keys(requests), func(a, b requestLabels) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.from, b.from), cmp.Compare(a.class, b.class))
	}) {
		w.Sample(requests[k], "file", k.file, "from", k.from, "status", k.class)
	}
	w.Family("gosteady_gateway_fetches_total", "counter", "Files asked of an upstream, retries not counted, by outcome.")
	for _, k := range slices.SortedFunc(maps.Keys(fetches), func(a, b fetchLabels) int {
		return cmp.Or(cmp.Compare(a.upstream, b.upstream), cmp.Compare(a.outcome, b.outcome))
	}) {
		w.Sample(fetches[k], "upstream", k.upstream, "outcome", k.outcome)
	}
	st := g.store.Stats()
	failing := 0
	if st.Trouble != "" {
		failing = 1
	}
	for _, m := range []struct {
		name, kind, help string
		value            any
	}{
		{"sent_bytes_total", "counter", "Bytes of bodies sent.", c.sent.Load()},
		{"mismatches_total", "counter", "Files that were not those of the checksum database, and not served.", c.mismatches.Load()},
		{"unverified_total", "counter", "Files that the checksum database did not vouch for.", c.unverified.Load()},
		{"unstored_total", "counter", "Files that could not be stored.", c.unstored.Load()},
		{"store_bytes", "gauge", "Size of the store.", st.Bytes},
		{"store_max_bytes", "gauge", "Size that the store may have; 0: any.", st.Max},
		{"store_evicted_total", "counter", "Files removed to make room.", st.Evicted},
		{"store_failing", "gauge", "1 while nothing can be stored, such as on a full disk.", failing},
		{"requests_in_flight", "gauge", "Requests being answered.", c.inFlight.Load()},
		{"connections", "gauge", "Open connections.", c.conns.Load()},
		{"endpoints", "gauge", "Entries of the list that are served.", len(p.endpoints)},
		{"goroutines", "gauge", "Goroutines.", runtime.NumGoroutine()},
	} {
		w.Family("gosteady_gateway_"+m.name, m.kind, m.help)
		w.Sample(m.value)
	}
	_ = w.Flush() // the client is gone
}
