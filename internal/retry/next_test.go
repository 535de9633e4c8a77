package retry

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
		a    Attempt
		u    Upstream
		d    policy.Decision
		want time.Duration
	}{
		{name: "first", a: Attempt{Failure: reset, Tries: 1}, want: 200 * time.Millisecond},
		{name: "second", a: Attempt{Failure: reset, Tries: 2}, want: time.Second},
		{name: "third", a: Attempt{Failure: reset, Tries: 3}, want: 4 * time.Second},
		{name: "fourth", a: Attempt{Failure: reset, Tries: 4}, want: 10 * time.Second},
		{name: "fifth", a: Attempt{Failure: reset, Tries: 5}, want: none},
		{name: "503 asks for relief", a: Attempt{Failure: status(classify.ServerError, 503), Tries: 1}, want: time.Second},
		{name: "503 of one that serves", a: Attempt{Failure: status(classify.ServerError, 503), Tries: 1}, u: Upstream{Serving: true}, want: time.Second},
		{name: "503 again of one that serves", a: Attempt{Failure: status(classify.ServerError, 503), Tries: 3}, u: Upstream{Serving: true}, want: 4 * time.Second},
		{name: "a stream breaks while others get through", a: Attempt{Failure: reset, Tries: 1, Bodies: 1}, u: Upstream{Serving: true}, want: cutWait},
		{name: "again", a: Attempt{Failure: reset, Tries: 4, Bodies: 4}, u: Upstream{Serving: true}, want: 8 * cutWait},
		{name: "but not for ever quickly", a: Attempt{Failure: reset, Tries: 9, Bodies: 9}, u: Upstream{Serving: true}, want: 256 * cutWait},
		{name: "a 500 is no broken stream", a: Attempt{Failure: status(classify.ServerError, 500), Tries: 2}, u: Upstream{Serving: true}, want: time.Second},
		{name: "broken bodies count half", a: Attempt{Failure: reset, Tries: 9, Bodies: 5}, want: 10 * time.Second},
		{name: "broken bodies for good", a: Attempt{Failure: reset, Tries: 10, Bodies: 10}, want: none},
		{name: "broken bodies before a pipe", a: Attempt{Failure: reset, Tries: 2, Bodies: 2, Position: Position{Pipe: true}}, want: none},
		{name: "500 does not", a: Attempt{Failure: status(classify.ServerError, 500), Tries: 1}, want: 200 * time.Millisecond},
		{name: "Retry-After is a floor", a: Attempt{Failure: status(classify.RateLimited, 429), Tries: 1, RetryAfter: 20 * time.Second}, want: 20 * time.Second},
		{name: "Retry-After too long", a: Attempt{Failure: status(classify.RateLimited, 429), Tries: 1, RetryAfter: 61 * time.Second}, want: none},
		{name: "pipe", a: Attempt{Failure: reset, Tries: 1, Position: Position{Pipe: true}}, want: quickWait},
		{name: "pipe, again", a: Attempt{Failure: reset, Tries: 2, Position: Position{Pipe: true}}, want: none},
		{name: "pipe, after a long try", a: Attempt{Failure: reset, Tries: 1, Took: 10 * time.Second, Position: Position{Pipe: true}}, want: none},
		{name: "pipe and 503", a: Attempt{Failure: status(classify.ServerError, 503), Tries: 1, Position: Position{Pipe: true}}, want: quickWait},
		{name: "another upstream", a: Attempt{Failure: reset, Tries: 2, Position: Position{Rotates: true}}, want: time.Second},
		{name: "another upstream, again", a: Attempt{Failure: reset, Tries: 3, Position: Position{Rotates: true}}, want: none},
		{name: "another upstream and 503", a: Attempt{Failure: status(classify.ServerError, 503), Tries: 1, Position: Position{Rotates: true}}, want: 200 * time.Millisecond},
		{name: "another upstream and Retry-After", a: Attempt{Failure: status(classify.RateLimited, 429), Tries: 1, RetryAfter: 20 * time.Second, Position: Position{Rotates: true}}, want: none},
		{name: "another upstream, after a long try", a: Attempt{Failure: reset, Tries: 1, Took: 10 * time.Second, Position: Position{Rotates: true}}, want: none},
		{name: "another upstream, and this one is down", a: Attempt{Failure: reset, Tries: 1, Position: Position{Rotates: true}}, u: Upstream{Failing: true}, want: none},
		{name: "another upstream, but the rule's own schedule", a: Attempt{Failure: reset, Tries: 3, Position: Position{Rotates: true}}, u: Upstream{Failing: true}, d: policy.Decision{Actions: retrying().Actions, Retry: &p}, want: 4 * time.Second},
		{name: "probe", a: Attempt{Failure: reset, Tries: 1, Item: Item{Guess: true}}, want: 200 * time.Millisecond},
		{name: "probe, again", a: Attempt{Failure: reset, Tries: 2, Item: Item{Guess: true}}, want: none},
		{name: "open breaker", a: Attempt{Failure: reset, Tries: 2}, u: Upstream{Open: true}, want: none},
		{name: "mismatch", a: Attempt{Failure: classify.Failure{Class: classify.Checksum}, Tries: 2}, want: time.Second},
		{name: "mismatch for good", a: Attempt{Failure: classify.Failure{Class: classify.Checksum}, Tries: 3}, want: none},
		{name: "a redirect to plain http, twice", a: Attempt{Failure: classify.Failure{Class: classify.BadContent, Kind: classify.Downgrade, Transient: true}, Tries: 2}, want: none},
		{name: "the same wrong bytes twice", a: Attempt{Failure: classify.Failure{Class: classify.Checksum}, Stored: true, Tries: 2}, want: none},
		{name: "gone", a: Attempt{Failure: gone, Tries: 1, Item: Item{Exact: true}, Position: Position{Last: true}}, d: policy.Decision{Actions: retrying().Actions, KnownOnly: true}, want: none},
		{name: "known and gone", a: Attempt{Failure: gone, Tries: 1, Item: Item{Exact: true, Known: true}, Position: Position{Last: true}}, want: time.Second},
		{name: "known and gone, again", a: Attempt{Failure: gone, Tries: 2, Item: Item{Exact: true, Known: true}, Position: Position{Last: true}}, want: 4 * time.Second},
		{name: "known and gone for good", a: Attempt{Failure: gone, Tries: 3, Item: Item{Exact: true, Known: true}, Position: Position{Last: true}}, want: none},
		{name: "known and gone, where nothing is", a: Attempt{Failure: gone, Tries: 1, Item: Item{Exact: true, Known: true}, Position: Position{Last: true}}, u: Upstream{Empty: true}, want: none},
		{name: "known and refused", a: Attempt{Failure: classify.HTTP(http.StatusMethodNotAllowed, "", false), Tries: 1, Item: Item{Exact: true, Known: true}, Position: Position{Last: true}}, want: none},
		{name: "known and gone, others follow", a: Attempt{Failure: gone, Tries: 1, Item: Item{Exact: true, Known: true}}, want: none},
		{name: "gone list", a: Attempt{Failure: gone, Tries: 1, Item: Item{Known: true}, Position: Position{Last: true}}, want: none},
		{name: "patience", a: Attempt{Failure: gone, Tries: 9, Waited: time.Minute, Item: Item{Exact: true}}, d: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute}, want: 15 * time.Second},
		{name: "no patience with a guess", a: Attempt{Failure: gone, Tries: 1, Item: Item{Exact: true, Guess: true}}, d: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute, KnownOnly: true}, want: none},
		{name: "patience with a guess that the rule names", a: Attempt{Failure: gone, Tries: 1, Item: Item{Exact: true, Guess: true}}, d: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute, NamesModules: true}, want: time.Second},
		{name: "patience with a guess after another was right", a: Attempt{Failure: gone, Tries: 1, Item: Item{Exact: true, Guess: true, Shadowed: true}}, d: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute, NamesModules: true, KnownOnly: true}, want: none},
		{name: "patience with a cache", a: Attempt{Failure: gone, Tries: 1, Fresh: time.Minute, Item: Item{Exact: true}}, d: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute}, want: time.Minute},
		{name: "patience at its end", a: Attempt{Failure: gone, Tries: 50, Waited: 10 * time.Minute, Item: Item{Exact: true}}, d: policy.Decision{Actions: retrying().Actions, WaitFor: 10 * time.Minute}, want: none},
		{name: "an HTTP proxy that cannot reach the host", a: Attempt{Failure: status(classify.HTTPProxy, 502), Tries: 1}, want: 200 * time.Millisecond},
		{name: "an HTTP proxy that will not", a: Attempt{Failure: classify.Failure{Class: classify.HTTPProxy, Status: 407}, Tries: 1}, want: none},
		{name: "a certificate that is valid soon", a: Attempt{Failure: classify.Failure{Class: classify.TLSVerify, Transient: true}, Tries: 1, RetryAfter: 3 * time.Second}, want: 3 * time.Second},
		{name: "401", a: Attempt{Failure: classify.HTTP(401, "", false), Tries: 1}, want: none},
		{name: "401, and go asks once more", a: Attempt{Failure: classify.HTTP(401, "", false), Tries: 1, AsGo: true}, want: 0},
		{name: "429, and go asks once more: later", a: Attempt{Failure: status(classify.RateLimited, 429), Tries: 1, AsGo: true}, want: time.Second},
		{name: "429 at last, and go asks once more", a: Attempt{Failure: status(classify.RateLimited, 429), Tries: 5, AsGo: true}, want: 0},
		{name: "501", a: Attempt{Failure: classify.HTTP(501, "", false), Tries: 1}, want: none},
		{name: "a rule says fail", a: Attempt{Failure: reset, Tries: 1}, d: policy.Decision{Actions: []policy.Action{policy.ActFail}}, want: none},
		{name: "a rule's own schedule", a: Attempt{Failure: reset, Tries: 6}, d: policy.Decision{Actions: retrying().Actions, Retry: &policy.Retry{Attempts: 7, Waits: []time.Duration{time.Second, 3 * time.Second}}}, want: 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := Next(tt.a, tt.u, allowing(tt.d), middle)
			if v.Again != (tt.want != none) || v.Again && v.Wait != tt.want {
				t.Errorf("%+v, want %s", v, tt.want)
			}
		})
	}
}

func middle() float64 { return 0.5 }

// allowing is the usual policy, with all the time that there is.
func allowing(d policy.Decision) Policy {
	if d.Actions == nil {
		d = retrying()
	}
	return Policy{Decision: d, Retry: policy.Default().Retry, Left: time.Hour, Offline: Online}
}

func TestJitter(t *testing.T) {
	a := Attempt{Failure: classify.Failure{Class: classify.Reset}, Tries: 3}
	low := Next(a, Upstream{}, allowing(policy.Decision{}), func() float64 { return 0 }).Wait
	high := Next(a, Upstream{}, allowing(policy.Decision{}), func() float64 { return 1 }).Wait
	if low != 3200*time.Millisecond || high != 4800*time.Millisecond {
		t.Error(low, high)
	}
}

// TestNextDown: what waits for a probe, and what does not.
func TestNextDown(t *testing.T) {
	refused := classify.Failure{Class: classify.Connect, Transient: true}
	own := policy.Decision{Actions: retrying().Actions, Retry: &policy.Retry{Attempts: 2, Waits: []time.Duration{time.Second}}}
	for _, tt := range []struct {
		name    string
		a       Attempt
		retry   int // attempts; 0: the usual
		d       policy.Decision
		again   bool
		counted bool
	}{
		{name: "waits for the probe", a: Attempt{Failure: refused, Tries: 9}, again: true},
		{name: "behind a pipe", a: Attempt{Failure: refused, Tries: 1, Position: Position{Pipe: true}}, again: true, counted: true},
		{name: "behind a pipe, again", a: Attempt{Failure: refused, Tries: 2, Position: Position{Pipe: true}}},
		{name: "with somebody else", a: Attempt{Failure: refused, Tries: 3, Position: Position{Rotates: true}}},
		{name: "one attempt", a: Attempt{Failure: refused, Tries: 1}, retry: 1},
		{name: "a rule's own schedule", a: Attempt{Failure: refused, Tries: 1}, d: own, again: true, counted: true},
		{name: "a rule's own schedule, at its end", a: Attempt{Failure: refused, Tries: 2}, d: own},
		{name: "a 404 is an answer", a: Attempt{Failure: classify.Failure{Class: classify.NotFound, Status: 404}, Tries: 1}},
		{name: "a 403 is an answer", a: Attempt{Failure: classify.Failure{Class: classify.Forbidden, Status: 403}, Tries: 1}},
	} {
		p := allowing(tt.d)
		if tt.retry > 0 {
			p.Retry.Attempts = tt.retry
		}
		v := Next(tt.a, Upstream{Down: true, Reached: true}, p, middle)
		if v.Again != tt.again || v.Again && v.Free == tt.counted {
			t.Errorf("%s: %+v", tt.name, v)
		}
	}
}

// TestNextProbe: when an upstream that is down is probed, and for how long.
func TestNextProbe(t *testing.T) {
	const none = -1
	refused := classify.Failure{Class: classify.Connect, Transient: true}
	status := func(code int) classify.Failure {
		return classify.Failure{Class: classify.ServerError, Status: code, Transient: true}
	}
	second := time.Second
	for _, tt := range []struct {
		name string
		a    Attempt
		u    Upstream
		edit func(*Policy)
		want time.Duration
	}{
		{name: "soon", a: Attempt{Failure: refused, Tries: 1}, u: Upstream{Reached: true}, want: 200 * time.Millisecond},
		{name: "then after a second", a: Attempt{Failure: refused, Tries: 2}, u: Upstream{Reached: true}, want: second},
		{name: "then every two", a: Attempt{Failure: refused, Tries: 3}, u: Upstream{Reached: true}, want: 2 * second},
		{name: "for long", a: Attempt{Failure: refused, Tries: 40, Waited: 80 * second}, u: Upstream{Reached: true}, want: 2 * second},
		{name: "as long as the budget lasts", a: Attempt{Failure: refused, Tries: 40}, u: Upstream{Reached: true}, edit: func(p *Policy) { p.Left = second }, want: none},
		{name: "503", a: Attempt{Failure: status(503), Tries: 1}, want: second},
		{name: "500", a: Attempt{Failure: status(500), Tries: 1}, want: 200 * time.Millisecond},
		{name: "never served", a: Attempt{Failure: status(500), Tries: 8, Waited: 13 * second}, want: 2 * second},
		{name: "never served, for as long as one file's attempts", a: Attempt{Failure: status(500), Tries: 8, Waited: 14 * second}, want: none},
		{name: "never reached, though others answer", a: Attempt{Failure: refused, Tries: 3, Waited: 3 * second}, want: 2 * second},
		{name: "never reached, up to the time without a network", a: Attempt{Failure: refused, Tries: 4, Waited: 4 * second}, want: second},
		{name: "never reached, for that time", a: Attempt{Failure: refused, Tries: 5, Waited: 5 * second}, want: none},
		{name: "never served, but it says when to come back", a: Attempt{Failure: status(503), Tries: 9, Waited: 18 * second, RetryAfter: 2 * second}, want: 2 * second},
		{name: "and not for ever", a: Attempt{Failure: status(503), Tries: 30, Waited: 59 * second, RetryAfter: 2 * second}, want: none},
		{name: "Retry-After", a: Attempt{Failure: status(503), Tries: 1, RetryAfter: 7 * second}, want: 7 * second},
		{name: "Retry-After for too long", a: Attempt{Failure: status(503), Tries: 1, RetryAfter: 61 * second}, u: Upstream{Reached: true}, want: none},
		{name: "down since an earlier command", a: Attempt{Failure: refused, Tries: 2}, u: Upstream{Open: true}, want: none},
		{name: "no network", a: Attempt{Failure: refused, Tries: 3}, edit: func(p *Policy) { p.Offline = 1800 * time.Millisecond }, want: 1800 * time.Millisecond},
		{name: "no network for too long", a: Attempt{Failure: refused, Tries: 4}, edit: func(p *Policy) { p.Offline = 0 }, want: none},
		{name: "one attempt", a: Attempt{Failure: refused, Tries: 1}, u: Upstream{Reached: true}, edit: func(p *Policy) { p.Retry.Attempts = 1 }, want: none},
	} {
		tt.a.Cause = Probe
		p := allowing(policy.Decision{})
		if tt.edit != nil {
			tt.edit(&p)
		}
		v := Next(tt.a, tt.u, p, middle)
		if v.Again != (tt.want != none) || v.Again && v.Wait != tt.want {
			t.Errorf("%s: %+v, want %s", tt.name, v, tt.want)
		}
	}
}

// TestNextTurnedAway: who was turned away for the number of those beside it is soon back, a few times.
func TestNextTurnedAway(t *testing.T) {
	busy := classify.Failure{Class: classify.RateLimited, Status: 429, Transient: true}
	for _, tt := range []struct {
		name string
		a    Attempt
		u    Upstream
		free bool
	}{
		{"once", Attempt{Failure: busy, Tries: 1, Item: Item{Exact: true}}, Upstream{}, true},
		{"too often", Attempt{Failure: busy, Tries: 1, Item: Item{Exact: true}}, Upstream{TurnedAway: awayRelief}, false},
		{"a query", Attempt{Failure: busy, Tries: 1}, Upstream{}, false},
		{"told when to come", Attempt{Failure: busy, Tries: 1, Item: Item{Exact: true}, RetryAfter: 1}, Upstream{}, false},
		{"behind a pipe", Attempt{Failure: busy, Tries: 1, Item: Item{Exact: true}, Position: Position{Pipe: true}}, Upstream{}, false},
	} {
		tt.a.Cause = TurnedAway
		if v := Next(tt.a, tt.u, allowing(policy.Decision{}), middle); !v.Again || v.Free != tt.free {
			t.Errorf("%s: %+v", tt.name, v)
		}
	}
}

// TestLimited: a limit that all share ends a request in another way.
func TestLimited(t *testing.T) {
	a := Attempt{Failure: classify.Failure{Class: classify.Reset, Transient: true}, Tries: 3}
	p := allowing(policy.Decision{})
	p.Left = time.Second
	if v := Next(a, Upstream{}, p, middle); v.Again || !v.Limited {
		t.Errorf("%+v", v)
	}
	if v := Next(Attempt{Cause: LoggedIn}, Upstream{}, Policy{}, middle); !v.Again || v.Wait != 0 {
		t.Errorf("with credentials: %+v", v)
	}
}
