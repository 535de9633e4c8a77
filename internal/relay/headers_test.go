package relay

import (
	"net/http"
	"testing"
	"time"
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

func TestValidator(t *testing.T) {
	res := func(kv ...string) *http.Response {
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Set(kv[i], kv[i+1])
		}
		return &http.Response{Header: h, ContentLength: 100}
	}
	const modified, soon, late = "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:35 GMT", "Fri, 02 Jan 2026 04:04:05 GMT"
	for _, tt := range []struct {
		res *http.Response
		tag string
	}{
		{res("ETag", `"a"`), `"a"`},
		{res("ETag", `W/"a"`), ""},
		{res("ETag", `"a"`, "Content-Encoding", "gzip"), ""},
		{res("ETag", `"a"`, "Accept-Ranges", "none"), ""},
		{res("Last-Modified", modified, "Date", late), modified},
		{res("Last-Modified", modified, "Date", soon), ""},
		{res(), ""},
	} {
		got := ""
		if v := validatorOf(tt.res); v != nil {
			got = v.tag
		}
		if got != tt.tag {
			t.Errorf("%v: %q, want %q", tt.res.Header, got, tt.tag)
		}
	}
	v := validator{tag: `"a"`, field: "Etag", total: 100}
	for value, want := range map[string]bool{
		"bytes 40-99/100": true, "bytes 41-99/100": false, "bytes 40-98/100": false,
		"bytes 40-199/200": false, "bytes */100": false, "": false,
	} {
		if _, got := v.continues(res("Content-Range", value, "ETag", `"a"`), 40); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
	dated := validator{tag: modified, field: "Last-Modified", total: -1}
	for _, tt := range []struct {
		v    validator
		res  *http.Response
		want bool
	}{
		{v, res("ETag", `"b"`), false},
		{v, res("Last-Modified", late), false},
		{v, res("ETag", `"a"`, "Content-Encoding", "gzip"), false},
		{dated, res("ETag", `"b"`, "Last-Modified", modified), true},
		{dated, res("Last-Modified", late), false},
		{dated, res(), false},
	} {
		tt.res.Header.Set("Content-Range", "bytes 40-99/100")
		if total, ok := tt.v.continues(tt.res, 40); ok != tt.want || ok && total != 100 {
			t.Errorf("%v: %v of %d", tt.res.Header, ok, total)
		}
	}
}

// TestEmptyUpstream: one that has nothing is not waited for once a version; one
// that has something is.
func TestEmptyUpstream(t *testing.T) {
	var c conduct
	for range emptyAfter {
		if c.empty() {
			t.Error("empty too soon")
		}
		c.lack()
	}
	if !c.empty() {
		t.Error("it has nothing")
	}
	c.gave(item{}, time.Time{})
	if c.empty() {
		t.Error("it has something")
	}
}
