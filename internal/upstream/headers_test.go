package upstream

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
)

func TestHeaders(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-3": 0, "soon": 0, "999999999": longest, "99999999999999999999": longest, "1.5": 0,
		"Fri, 02 Jan 2026 03:04:35 GMT": 30 * time.Second, "Fri, 02 Jan 2026 03:04:00 GMT": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q: %s, want %s", value, got, want)
		}
	}
	slow := http.Header{"Retry-After": {"Fri, 02 Jan 2026 05:00:10 GMT"}, "Date": {"Fri, 02 Jan 2026 05:00:00 GMT"}}
	equal(t, "Retry-After by another clock", retryAfter(slow, now), 10*time.Second)
	for value, want := range map[string]time.Duration{
		"": 0, "public, max-age=60": 50 * time.Second, "max-age=5": 0, "max-age=x": 0, "no-cache": 0, "max-age=-1": 0,
		"max-age=99999999999999999": longest - 10*time.Second, "max-age=99999999999999999999": longest - 10*time.Second,
	} {
		if got := freshFor(http.Header{"Cache-Control": {value}, "Age": {"10"}}); got != want {
			t.Errorf("Cache-Control %q: %s, want %s", value, got, want)
		}
	}
}

// TestSane: what a server asks to wait beyond a day is passed over once.
func TestSane(t *testing.T) {
	ignored := false
	for i, tt := range []struct{ asked, want time.Duration }{
		{time.Minute, time.Minute}, {24 * time.Hour, 24 * time.Hour}, {25 * time.Hour, 0}, {0, 0}, {25 * time.Hour, 25 * time.Hour},
	} {
		var got time.Duration
		if got, ignored = sane(tt.asked, ignored); got != tt.want {
			t.Errorf("%d: %s, want %s", i, got, tt.want)
		}
	}
}

// TestEmptyUpstream: one that has nothing is not waited for once a version; one
// that has something is.
func TestEmptyUpstream(t *testing.T) {
	var s stats
	for range emptyAfter {
		if s.get().empty() {
			t.Error("empty too soon")
		}
		s.missed()
	}
	if !s.get().empty() {
		t.Error("it has nothing")
	}
	s.ended(ending{file: true}, modproxy.Item{}, time.Time{})
	if s.get().empty() {
		t.Error("it has something")
	}
}
