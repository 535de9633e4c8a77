package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/tui"
)

// requestTotals is what all requests of a command come to, in one line.
func requestTotals(t journal.Totals) string {
	parts := []string{tui.Count(t.Count, "request"), tui.Size(t.Bytes)}
	if t.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", t.Failed))
	}
	if t.Waited > 0 {
		parts = append(parts, "waited "+journal.Duration(t.Waited))
	}
	return strings.Join(parts, ", ")
}

// byUpstream puts requests under who was asked, in the order of the first.
func byUpstream(list []journal.Request) (hosts []string, of map[string][]journal.Request) {
	of = make(map[string][]journal.Request)
	for _, q := range list {
		if of[q.Upstream] == nil {
			hosts = append(hosts, q.Upstream)
		}
		of[q.Upstream] = append(of[q.Upstream], q)
	}
	return hosts, of
}

// ordinary reports whether there is nothing to tell of a request but that it
// was made.
func ordinary(q journal.Request) bool {
	return !q.Failed() && !q.Dropped && q.Wait == 0 && (q.Reason == journal.Asked || q.Reason == journal.Ahead)
}

// requestLabel names what was asked for.
func requestLabel(q journal.Request) string {
	subject := q.Subject()
	if subject == "" {
		subject = "checksum database"
	}
	return fmt.Sprintf("%s (%s)", subject, q.File)
}

// requestResult is how a request ended, in a few words: "200", "503
// server-error", "200, cut", "given up".
func requestResult(q journal.Request) string {
	var parts []string
	if q.Status != 0 {
		parts = append(parts, fmt.Sprint(q.Status))
	}
	if q.Class != "" {
		parts = append(parts, string(q.Class))
	}
	if q.Dropped {
		parts = append(parts, "given up")
	}
	return strings.Join(parts, " ")
}

// requestText is all that is known of a request.
func requestText(q journal.Request) string {
	parts := []string{requestReason(q), requestResult(q)}
	if q.Wait > 0 {
		parts = append(parts, "waited "+journal.Duration(q.Wait))
	}
	if q.Header > 0 {
		parts = append(parts, "answer began after "+journal.Duration(q.Header))
	}
	parts = append(parts, "took "+journal.Duration(q.Took))
	if q.Bytes > 0 {
		parts = append(parts, tui.Size(q.Bytes))
	}
	return strings.Join(parts, ", ")
}

func requestReason(q journal.Request) string {
	switch q.Reason {
	case journal.Asked:
		return "asked for by go"
	case journal.Ahead:
		return "fetched ahead"
	case journal.Rotate:
		return "in the place of another upstream"
	case journal.Hedge:
		return "second start"
	}
	return fmt.Sprintf("%s, request %d", q.Reason, q.Attempt)
}

// requestClass is the class of CSS, and the category in a trace.
func requestClass(q journal.Request) string {
	switch {
	case q.Dropped:
		return "dropped"
	case q.Failed():
		return "failed"
	case q.Class == classify.NotFound:
		return "missing"
	}
	return string(q.Reason)
}

// slowestRequested lists the modules that took most of the time.
func slowestRequested(list []journal.Request, n int) []pageModule {
	of := make(map[string][]journal.Request)
	for _, q := range list {
		if s := q.Subject(); s != "" {
			of[s] = append(of[s], q)
		}
	}
	took := make(map[string]time.Duration)
	for name, list := range of {
		took[name] = journal.Union(list, func(q journal.Request) (from, to time.Duration) { return q.Start - q.Wait, q.End() })
	}
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(took[b], took[a]), cmp.Compare(a, b)) })
	var modules []pageModule
	for _, name := range names[:min(n, len(names))] {
		t := totalsOf(of[name])
		modules = append(modules, pageModule{Name: name, Requests: t.Count, Failed: t.Failed, Bytes: tui.Size(t.Bytes), Time: journal.Duration(took[name])})
	}
	return modules
}

func totalsOf(list []journal.Request) (t journal.Totals) {
	for _, q := range list {
		t.Add(q)
	}
	return t
}
