package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
	"github.com/gosteady/gosteady/policy"
)

// recorded are the commands of a journal that has one with steadytest.Requests, n
// times over.
func recorded(t *testing.T, n int, events ...journal.Event) (list []Command) {
	t.Helper()
	store := journal.NewStore(t.TempDir())
	steadytest.Record(t, store, n, events...)
	for inv := range store.All() {
		list = append(list, Command{inv, store.Requests(inv)})
	}
	return list
}

// written is what a form of a report writes.
func written(t *testing.T, form func(io.Writer, []Command) error, list []Command) string {
	t.Helper()
	var out strings.Builder
	if err := form(&out, list); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWaterfall(t *testing.T) {
	list := recorded(t, 1, steadytest.Known().Events...)
	page := written(t, Page, list)
	for _, want := range []string{
		`<dd class="count-requests">9</dd>`, `<dd class="count-failed">3</dd>`, `<dd class="bytes">10.3 kB</dd>`, `<dd class="waited">0.2s</dd>`,
		`<b>proxy.golang.org</b> <span class="dim">6 requests, 2.0 kB, 2 failed</span>`,
		`<b>mirror.example:8443</b> <span class="dim">2 requests, 40 B, 1 failed</span>`,
		"only the 7 that failed, waited, were repeated or given up",
		// The retry: its wait, until its answer began, its answer.
		`<i class="w" style="left:2.000%;width:2.000%"></i><i class="h" style="left:4.000%;width:0.500%"></i><i class="b" style="left:4.500%;width:2.500%"></i></div><em>0.3s 200</em>`,
		`<div class="row failed" title="golang.org/x/mod@v0.1.0 (zip): asked for by go, 503 server-error, answer began after 0.1s, took 0.2s, at 0s">`,
		`<div class="row resume" title="corp.example/secret@v1.0.0 (zip): resume, request 2, 206,`,
		`<div class="row dropped" title="golang.org/x/sys@v0.2.0 (mod): asked for by go, given up, took 4.1s, at 3.0s">`,
		`<div class="row hedge" `, `<div class="row missing ordinary" `, `<div class="row asked ordinary" title="checksum database (tile): `,
		`<tr><td>golang.org/x/sys@v0.2.0</td><td class="n">4.1s</td><td class="n">2</td><td class="n">0</td><td class="n">40 B</td></tr>`,
		"Failures elsewhere", "<span>this machine</span>", "<td>healed by resume</td>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, "<bdi>"); n != len(steadytest.Requests) {
		t.Errorf("%d rows of %d", n, len(steadytest.Requests))
	}
	for _, not := range []string{"<script", "http://", "https://", "url(", "ZgotmplZ", " checked"} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %q", not)
		}
	}
	var out strings.Builder
	if Text(&out, list); !strings.Contains(out.String(), "\n  9 requests, 10.3 kB, 3 failed, waited 0.2s\n\n") {
		t.Errorf("no totals:\n%s", &out)
	}
	if t.Failed() {
		t.Log(page)
	}
}

// TestManyRequests: of hundreds, those that were met with something come first.
func TestManyRequests(t *testing.T) {
	list := recorded(t, 600, steadytest.Known().Events...)
	page := written(t, Page, list)
	for _, want := range []string{`class="only" checked`, "400 later requests were counted and not kept", `<dd class="count-requests">5400</dd>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestRequestsNotKept: then the page is as it was before requests were.
func TestRequestsNotKept(t *testing.T) {
	list := recorded(t, 1, steadytest.Known().Events...)
	list[0].Sent = nil
	page := written(t, Page, list)
	if strings.Contains(page, "<details") || !strings.Contains(page, "When and where") || !strings.Contains(page, `<dd class="count-requests">9</dd>`) {
		t.Errorf("%s", page)
	}
}

func TestReportsAreMasked(t *testing.T) {
	list := recorded(t, 1, steadytest.Known().Events...)
	m, knows := NewMask(list, policy.Default(), goenv.Read([]string{"GOENV=off", "GOPRIVATE=corp.example"}, ""))
	if !knows {
		t.Error("GOPRIVATE is not known")
	}
	list[0] = m.Command(list[0])
	for form, write := range map[string]func(io.Writer, []Command) error{"the page": Page, "the trace": Trace} {
		report := written(t, write, list)
		for _, leak := range []string{"corp.example", "secret", "/src/m"} {
			if strings.Contains(report, leak) {
				t.Errorf("%s tells %q:\n%s", form, leak, report)
			}
		}
		for _, kept := range []string{"private-", "golang.org/x/sys"} {
			if !strings.Contains(report, kept) {
				t.Errorf("%s lost %q", form, kept)
			}
		}
	}
}

// TestTraceOfRequests: one event a request, on a track of its upstream; what
// shares a thread does not overlap, since viewers would nest it.
func TestTraceOfRequests(t *testing.T) {
	list := recorded(t, 3, steadytest.Known().Events...)
	var trace struct{ TraceEvents []traceEvent }
	if err := json.Unmarshal([]byte(written(t, Trace, list)), &trace); err != nil {
		t.Fatal(err)
	}
	names := make(map[int]string)
	tracks := make(map[int][]traceEvent)
	for _, e := range trace.TraceEvents {
		switch {
		case e.Name == "thread_name":
			names[e.TID] = e.Args["name"].(string)
		case e.Phase == "X" && e.TID > 0:
			tracks[e.TID] = append(tracks[e.TID], e)
		}
	}
	count := make(map[string]int) // of requests, by track and category
	for tid, list := range tracks {
		slices.SortFunc(list, func(a, b traceEvent) int { return int(a.Time - b.Time) })
		for i, e := range list {
			if i > 0 && list[i-1].Time+list[i-1].Dur > e.Time {
				t.Errorf("%s: %q overlaps %q", names[tid], list[i-1].Name, e.Name)
			}
			if e.Args["file"] != nil {
				count[names[tid]+" "+e.Cat]++
			}
		}
	}
	want := "map[corp.example:8443 asked:3 mirror.example:8443 failed:3 mirror.example:8443 missing:3 proxy.golang.org dropped:3 " +
		"proxy.golang.org failed:6 proxy.golang.org hedge:3 proxy.golang.org resume:3 proxy.golang.org retry:3]"
	if got := fmt.Sprint(count); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
