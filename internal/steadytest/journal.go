// Package steadytest has what the tests of gosteady's commands look at: a machine,
// module proxies, a project with its module cache, logs, a journal with one of everything.
package steadytest

import (
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
)

// Monday is when everything in the journal begins.
var Monday = time.Date(2026, 3, 16, 12, 0, 0, 0, time.UTC)

// Known is a journal line with one of everything.
func Known() journal.Invocation {
	at := func(s float64) time.Time { return Monday.Add(time.Duration(s * float64(time.Second))) }
	return journal.Invocation{
		Time: Monday, Duration: 12400 * time.Millisecond, Exit: 1, Version: "v0.2.0",
		Command: []string{"mod", "download"}, Dir: "/src/m",
		Events: []journal.Event{
			{Time: at(0.4), Wait: 400 * time.Millisecond, Outcome: journal.Healed, Class: classify.ServerError, Module: "golang.org/x/mod", Version: "v0.1.0", File: "zip", Upstream: "proxy.golang.org", Action: "retry", Attempts: 2, Text: "503 Service Unavailable"},
			{Time: at(1.4), Wait: 500 * time.Millisecond, Outcome: journal.Healed, Class: classify.ServerError, Module: "golang.org/x/sys", Version: "v0.2.0", File: "mod", Upstream: "proxy.golang.org", Action: "retry", Attempts: 3, Text: "503 Service Unavailable"},
			{Time: at(2), Wait: time.Second, Outcome: journal.Healed, Class: classify.HTTP2, Module: "corp.example/secret", Version: "v1.0.0", File: "zip", Upstream: "proxy.golang.org", Action: "resume", Attempts: 2, Text: "stream error: corp.example/secret\x1b[31m\nINTERNAL_ERROR"},
			{Time: at(3), Outcome: journal.Unhealed, Class: classify.Gone, Module: "corp.example/other", Version: "v1.0.0", Upstream: "mirror.example:8443", Attempts: 1, Text: "410 Gone"},
			{Time: at(4), Outcome: journal.Noted, Action: "policy", Text: "ignored: proxies"},
		},
	}
}

// Rescued is a command a week later that one healed failure did not stop.
func Rescued() journal.Invocation {
	when := Monday.Add(7 * 24 * time.Hour)
	return journal.Invocation{
		Time: when, Duration: 30 * time.Second, Command: []string{"build"},
		Events: []journal.Event{{
			Time: when.Add(10 * time.Second), Wait: 10 * time.Second, Outcome: journal.Healed, Class: classify.CacheCorrupt,
			Module: "golang.org/x/mod", Version: "v0.1.0", Action: "replace",
		}},
	}
}
