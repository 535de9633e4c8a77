package journal

import (
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// missed is a failure at noon plus end that stayed one.
func missed(end, wait time.Duration, tries int, class classify.Class, text string) Event {
	return Event{
		Time: noon.Add(end), Wait: wait, Outcome: Unhealed, Class: class, Upstream: "proxy.corp", File: "zip",
		Module: "example.com/m", Version: "v1.2.3", Attempts: tries, Paused: wait, Text: text,
	}
}

func TestClosing(t *testing.T) {
	const (
		see    = "; see 'go steady last'"
		broken = "zip: not a valid zip file"
	)
	reset := healed(time.Second, time.Second, "proxy.golang.org", classify.Reset)
	hedge := Event{Time: noon.Add(6 * time.Second), Wait: 4 * time.Second, Outcome: Noted, Class: classify.Timeout, Action: "hedge"}
	unavailable := missed(2*time.Second, 2*time.Second, 5, classify.ServerError,
		`reading https://proxy.corp/example.com/m/@v/v1.2.3.zip: 503 Service Unavailable (server response: try: later)`)
	soon := missed(time.Second, 900*time.Millisecond, 3, classify.ServerError, "x: 500 Internal Server Error")
	slow := soon
	slow.Wait, slow.Paused = vainTime, time.Second
	stalled := slow
	stalled.Wait, stalled.Text = vainTime+time.Second, "i/o timeout"
	missing := Event{Outcome: Unhealed, Class: classify.NotFound, Module: "example.com/n", Upstream: "proxy.corp", Text: "404 Not Found"}
	interrupted := missed(time.Minute, time.Minute, 3, classify.ServerError, "")
	interrupted.Action = Interrupted
	for _, tt := range []struct {
		name   string
		events []Event
		exit   int
		teller Teller
		want   string
	}{
		{"as in the design", []Event{missed(32*time.Second, 32*time.Second, 3, classify.BadContent, broken)}, 1, Teller{},
			"not healed: example.com/m v1.2.3 from proxy.corp: not a valid zip file, 3 tries (32.0s)" + see},
		{"a wait in vain", []Event{unavailable}, 1, Teller{},
			"not healed: example.com/m v1.2.3 from proxy.corp: 503 Service Unavailable, 5 tries (2.0s)" + see},
		{"go says it as well, and at once", []Event{soon}, 1, Teller{}, ""},
		{"a slow server", []Event{slow}, 1, Teller{}, ""},
		{"one that is very slow", []Event{stalled}, 1, Teller{},
			"not healed: example.com/m v1.2.3 from proxy.corp: i/o timeout, 3 tries (11.0s)" + see},
		{"but always", []Event{soon}, 1, Teller{Always: true},
			"not healed: example.com/m v1.2.3 from proxy.corp: 500 Internal Server Error, 3 tries (0.9s)" + see},
		{"a damaged zip, whose go does not say", []Event{missed(0, 0, 1, classify.BadContent, broken)}, 1, Teller{},
			"not healed: example.com/m v1.2.3 from proxy.corp: not a valid zip file" + see},
		{"both", []Event{reset, soon, missing}, 1, Teller{},
			"not healed: example.com/m v1.2.3 from proxy.corp: 500 Internal Server Error, 3 tries, and 1 more (0.9s); " +
				"healed 1 fetch failure in 1.0s (proxy.golang.org: 1 reset)" + see},
		{"not for the network", []Event{reset}, 1, Teller{},
			"healed 1 fetch failure in 1.0s (proxy.golang.org: 1 reset); the command failed for another reason" + see},
		{"the time of hedges counts", []Event{reset, hedge}, 0, Teller{},
			"healed 1 fetch failure in 5.0s (proxy.golang.org: 1 reset)" + see},
		{"a hedge is no failure", []Event{hedge}, 0, Teller{}, ""},
		{"nothing to heal", []Event{hedge}, 0, Teller{Always: true}, "nothing to heal in 7 requests, 4.0s lost to slow answers"},
		{"go went elsewhere", []Event{unavailable}, 0, Teller{}, ""},
		{"nobody has it", []Event{missing}, 1, Teller{}, ""},
		{"asked for by two runs", []Event{unavailable, unavailable}, 1, Teller{},
			"not healed: example.com/m v1.2.3 from proxy.corp: 503 Service Unavailable, 10 tries (2.0s)" + see},
		{"runs in vain", []Event{
			{Time: noon.Add(9 * time.Second), Wait: 9 * time.Second, Outcome: Noted, Class: classify.VCSNetwork, Action: "rerun"},
			{Time: noon.Add(9 * time.Second), Outcome: Unhealed, Class: classify.VCSNetwork, Module: "example.com/git", Attempts: 3, Paused: 8 * time.Second, Text: "fatal: early EOF"},
		}, 1, Teller{}, "not healed: example.com/git: early EOF, 3 tries (9.0s)" + see},
		{"a person gave up", []Event{reset, interrupted}, 130, Teller{Interrupted: true}, "healed 1 fetch failure in 1m0s (proxy.golang.org: 1 reset)" + see},
		{"no news", []Event{interrupted}, 130, Teller{Interrupted: true}, ""},
	} {
		tt.teller.Kept, tt.teller.Getenv = true, func(string) string { return "" }
		want := ""
		if tt.want != "" {
			want = "gosteady: " + tt.want
		}
		got, failed := tt.teller.closing(Invocation{Exit: tt.exit, Events: tt.events, Requests: &Totals{Count: 7}})
		if got != want || failed != strings.Contains(want, "not healed") {
			t.Errorf("%s: failed %v\ngot  %s\nwant %s", tt.name, failed, got, want)
		}
	}
}

// What is not kept cannot be looked up.
func TestClosingWithoutJournal(t *testing.T) {
	got, _ := Teller{Getenv: func(string) string { return "" }}.closing(Invocation{Events: []Event{healed(0, 0, "a.example", classify.Reset)}})
	if got != "gosteady: healed 1 fetch failure in 0s (a.example: 1 reset)" {
		t.Error(got)
	}
}

func TestReason(t *testing.T) {
	for text, want := range map[string]string{
		`Get "https://p/x": dial tcp 127.0.0.1:1: connect: connection refused`: "connection refused",
		"":                               "reset",
		"reading https://p/x":            "reset",
		"a: " + strings.Repeat("b", 129): "reset",
		"verifying m: checksum mismatch\n\tdownloaded: h1:x": "checksum mismatch",
	} {
		if got := reason(Event{Class: classify.Reset, Text: text}); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
