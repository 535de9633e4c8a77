package relay

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

func retrying() policy.Decision { return policy.Decision{Actions: []policy.Action{policy.ActRetry}} }

func TestNext(t *testing.T) {
	const none = -1 * time.Second
	reset := classify.Failure{Class: classify.Reset, Transient: true}
	status := func(c classify.Class, code int) classify.Failure {
		return classify.Failure{Class: c, Status: code, Transient: true}
	}
	gone := classify.Failure{Class: classify.Gone, Status: 410}
	p := policy.Default().Retry
	for _, tt := range []struct {
		name string
		s    situation
		want time.Duration
	}{
		{"first", situation{failure: reset, tries: 1}, 200 * time.Millisecond},
		{"second", situation{failure: reset, tries: 2}, time.Second},
		{"third", situation{failure: reset, tries: 3}, 4 * time.Second},
		{"fourth", situation{failure: reset, tries: 4}, 10 * time.Second},
		{"fifth", situation{failure: reset, tries: 5}, none},
		{"503 asks for relief", situation{failure: status(classify.ServerError, 503), tries: 1}, 5 * time.Second},
		{"503 of one that serves", situation{failure: status(classify.ServerError, 503), tries: 1, standing: standing{serving: true}}, time.Second},
		{"503 again of one that serves", situation{failure: status(classify.ServerError, 503), tries: 3, standing: standing{serving: true}}, 4 * time.Second},
		{"a stream breaks while others get through", situation{failure: reset, tries: 1, bodies: 1, standing: standing{serving: true}}, cutWait},
		{"again", situation{failure: reset, tries: 4, bodies: 4, standing: standing{serving: true}}, 8 * cutWait},
		{"but not for ever quickly", situation{failure: reset, tries: 9, bodies: 9, standing: standing{serving: true}}, 256 * cutWait},
		{"a 500 is no broken stream", situation{failure: status(classify.ServerError, 500), tries: 2, standing: standing{serving: true}}, time.Second},
		{"broken bodies count half", situation{failure: reset, tries: 9, bodies: 5}, 10 * time.Second},
		{"broken bodies for good", situation{failure: reset, tries: 10, bodies: 10}, none},
		{"broken bodies before a pipe", situation{failure: reset, tries: 2, bodies: 2, place: place{pipe: true}}, none},
		{"500 does not", situation{failure: status(classify.ServerError, 500), tries: 1}, 200 * time.Millisecond},
		{"Retry-After is a floor", situation{failure: status(classify.RateLimited, 429), tries: 1, retryAfter: 20 * time.Second}, 20 * time.Second},
		{"Retry-After too long", situation{failure: status(classify.RateLimited, 429), tries: 1, retryAfter: 61 * time.Second}, none},
		{"pipe", situation{failure: reset, tries: 1, place: place{pipe: true}}, quickWait},
		{"pipe, again", situation{failure: reset, tries: 2, place: place{pipe: true}}, none},
		{"pipe, after a long try", situation{failure: reset, tries: 1, place: place{pipe: true}, took: 10 * time.Second}, none},
		{"pipe and 503", situation{failure: status(classify.ServerError, 503), tries: 1, place: place{pipe: true}}, quickWait},
		{"another upstream", situation{failure: reset, tries: 2, rotates: true}, time.Second},
		{"another upstream, again", situation{failure: reset, tries: 3, rotates: true}, none},
		{"another upstream and 503", situation{failure: status(classify.ServerError, 503), tries: 1, rotates: true}, 200 * time.Millisecond},
		{"another upstream and Retry-After", situation{failure: status(classify.RateLimited, 429), tries: 1, rotates: true, retryAfter: 20 * time.Second}, none},
		{"another upstream, after a long try", situation{failure: reset, tries: 1, rotates: true, took: 10 * time.Second}, none},
		{"another upstream, and this one is down", situation{failure: reset, tries: 1, rotates: true, standing: standing{ailing: true}}, none},
		{"another upstream, but the rule's own schedule", situation{failure: reset, tries: 3, rotates: true, standing: standing{ailing: true}, decision: policy.Decision{Actions: retrying().Actions, Retry: &p}}, 4 * time.Second},
		{"probe", situation{failure: reset, tries: 1, subject: subject{probe: true}}, 200 * time.Millisecond},
		{"probe, again", situation{failure: reset, tries: 2, subject: subject{probe: true}}, none},
		{"open breaker", situation{failure: reset, tries: 2, standing: standing{open: true}}, none},
		{"mismatch", situation{failure: classify.Failure{Class: classify.Checksum}, tries: 2}, time.Second},
		{"mismatch for good", situation{failure: classify.Failure{Class: classify.Checksum}, tries: 3}, none},
		{"gone", situation{failure: gone, tries: 1, place: place{last: true}, subject: subject{exact: true}, decision: policy.Decision{Actions: retrying().Actions, KnownOnly: true}}, none},
		{"known and gone", situation{failure: gone, tries: 1, place: place{last: true}, subject: subject{exact: true, known: true}}, time.Second},
		{"known and gone, again", situation{failure: gone, tries: 2, place: place{last: true}, subject: subject{exact: true, known: true}}, 4 * time.Second},
		{"known and gone for good", situation{failure: gone, tries: 3, place: place{last: true}, subject: subject{exact: true, known: true}}, none},
		{"known and gone, where nothing is", situation{failure: gone, tries: 1, place: place{last: true}, subject: subject{exact: true, known: true}, standing: standing{empty: true}}, none},
		{"known and refused", situation{failure: classify.HTTP(http.StatusMethodNotAllowed, "", false), tries: 1, place: place{last: true}, subject: subject{exact: true, known: true}}, none},
		{"known and gone, others follow", situation{failure: gone, tries: 1, subject: subject{exact: true, known: true}}, none},
		{"gone list", situation{failure: gone, tries: 1, place: place{last: true}, subject: subject{known: true}}, none},
		{"patience", situation{failure: gone, tries: 9, subject: subject{exact: true}, waited: time.Minute, decision: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute}}, 15 * time.Second},
		{"no patience with a guess", situation{failure: gone, tries: 1, subject: subject{exact: true, probe: true}, decision: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute, KnownOnly: true}}, none},
		{"patience with a guess that the rule names", situation{failure: gone, tries: 1, subject: subject{exact: true, probe: true}, decision: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute, NamesModules: true}}, time.Second},
		{"patience with a guess after another was right", situation{failure: gone, tries: 1, subject: subject{exact: true, probe: true, shadowed: true}, decision: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute, NamesModules: true, KnownOnly: true}}, none},
		{"patience with a cache", situation{failure: gone, tries: 1, subject: subject{exact: true}, fresh: time.Minute, decision: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute}}, time.Minute},
		{"patience at its end", situation{failure: gone, tries: 50, subject: subject{exact: true}, waited: 10 * time.Minute, decision: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute}}, none},
		{"an HTTP proxy that cannot reach the host", situation{failure: status(classify.HTTPProxy, 502), tries: 1}, 200 * time.Millisecond},
		{"an HTTP proxy that will not", situation{failure: classify.Failure{Class: classify.HTTPProxy, Status: 407}, tries: 1}, none},
		{"a certificate that is valid soon", situation{failure: classify.Failure{Class: classify.TLSVerify, Transient: true}, tries: 1, retryAfter: 3 * time.Second}, 3 * time.Second},
		{"401", situation{failure: classify.HTTP(401, "", false), tries: 1}, none},
		{"501", situation{failure: classify.HTTP(501, "", false), tries: 1}, none},
		{"a rule says fail", situation{failure: reset, tries: 1, decision: policy.Decision{Actions: []policy.Action{policy.ActFail}}}, none},
		{"a rule's own schedule", situation{failure: reset, tries: 6, decision: policy.Decision{Actions: retrying().Actions,
			Retry: &policy.Retry{Attempts: 7, Waits: []time.Duration{time.Second, 3 * time.Second}}}}, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.retry = p
			if tt.s.decision.Actions == nil {
				tt.s.decision = retrying()
			}
			v := tt.s.next(func() float64 { return 0.5 })
			if v.again != (tt.want != none) || v.again && v.wait != tt.want {
				t.Errorf("%+v, want %s", v, tt.want)
			}
		})
	}
}

func TestJitter(t *testing.T) {
	s := situation{failure: classify.Failure{Class: classify.Reset}, tries: 3, retry: policy.Default().Retry, decision: retrying()}
	low, high := s.next(func() float64 { return 0 }).wait, s.next(func() float64 { return 1 }).wait
	if low != 3200*time.Millisecond || high != 4800*time.Millisecond {
		t.Error(low, high)
	}
}

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

func TestBudget(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	b := budget{total: 10 * time.Second}
	for i, tt := range []struct {
		from, to int
		want     bool
	}{{0, 4, true}, {0, 4, true}, {2, 6, true}, {100, 104, true}, {100, 105, false}, {101, 104, true}} {
		if got := b.spend(at(tt.from), at(tt.to)); got != tt.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	a := newAllowance()
	granted := 0
	for range 100 {
		if a.take() {
			granted++
		}
	}
	a.earn()
	if granted != extraRetries || !a.take() || a.take() {
		t.Error(granted)
	}
}

// TestEmptyUpstream: one that has nothing is not waited for once a version; one
// that has something is.
func TestEmptyUpstream(t *testing.T) {
	lack := situation{failure: classify.Failure{Class: classify.NotFound, Status: 404}, tries: 3, subject: subject{known: true}}
	u := &upstream{}
	for range emptyAfter {
		if u.conduct.empty() {
			t.Error("empty too soon")
		}
		early := lack
		early.tries = 1 // not asked for with patience
		u.noteLack(early)
		u.noteLack(lack)
	}
	if !u.conduct.empty() {
		t.Error("it has nothing")
	}
	u.conduct.gave(time.Time{})
	if u.conduct.empty() {
		t.Error("it has something")
	}
}
