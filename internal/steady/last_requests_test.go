package steady

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
)

// knownRequests has one of every kind. Times are milliseconds.
var knownRequests = []struct {
	start int
	journal.Request
}{
	{0, request("proxy.golang.org", "golang.org/x/mod v0.1.0 zip", journal.Asked, 1, 503, classify.ServerError, 0, 150, 200, 0)},
	{400, request("proxy.golang.org", "golang.org/x/mod v0.1.0 zip", journal.Retry, 2, 200, "", 200, 50, 300, 1000)},
	{1000, request("proxy.golang.org", "corp.example/secret v1.0.0 zip", journal.Ahead, 1, 200, classify.HTTP2, 0, 100, 1000, 700)},
	{2000, request("proxy.golang.org", "corp.example/secret v1.0.0 zip", journal.Resume, 2, 206, "", 0, 100, 500, 300)},
	{3000, dropped(request("proxy.golang.org", "golang.org/x/sys v0.2.0 mod", journal.Asked, 1, 0, "", 0, 0, 4100, 0))},
	{7000, request("proxy.golang.org", "golang.org/x/sys v0.2.0 mod", journal.Hedge, 1, 200, "", 0, 100, 120, 40)},
	{7200, request("mirror.example:8443", "corp.example/other v1.0.0 info", journal.Rotate, 1, 410, classify.Gone, 0, 80, 90, 20)},
	{7300, request("mirror.example:8443", "golang.org/x/net v0.3.0 info", journal.Asked, 1, 404, classify.NotFound, 0, 80, 90, 20)},
	{7400, request("corp.example:8443", "  tile", journal.Asked, 1, 200, "", 0, 10, 20, 8192)},
}

func request(host, what string, why journal.Reason, attempt, status int, class classify.Class, wait, header, took, bytes int) journal.Request {
	words := strings.Split(what, " ")
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	return journal.Request{
		Upstream: host, Module: words[0], Version: words[1], File: words[2], Reason: why, Attempt: attempt,
		Status: status, Class: class, Wait: ms(wait), Header: ms(header), Took: ms(took), Bytes: int64(bytes),
	}
}

func dropped(q journal.Request) journal.Request {
	q.Dropped = true
	return q
}

// appWithRequests is an App whose journal has an invocation with
// knownRequests, n times over.
func appWithRequests(t *testing.T, n int, events ...journal.Event) (*App, *bytes.Buffer) {
	t.Helper()
	app, out := appWith(t)
	now := monday
	r := journal.NewRecorder([]string{"mod", "download", "corp.example/secret@v1.0.0"}, "/src/m", func() time.Time { return now })
	for i := range n {
		for _, q := range knownRequests {
			r.AddRequest(monday.Add(time.Duration(q.start+i)*time.Millisecond), q.Request)
		}
	}
	for _, e := range events {
		r.Add(e)
	}
	now = monday.Add(10 * time.Second)
	if err := r.Flush(journal.NewStore(app.Getenv("GOSTEADY_STATE")), journal.All, 1); err != nil {
		t.Fatal(err)
	}
	return app, out
}

// written runs "last" with a file for a report, and returns what is in it.
func written(t *testing.T, app *App, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report")
	if code := app.Run(append(append([]string{"last"}, args...), file)); code != 0 {
		t.Fatalf("exit %d", code)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLastWaterfall(t *testing.T) {
	app, out := appWithRequests(t, 1, knownInvocation().Events...)
	page := written(t, app, "--html")
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
	if n := strings.Count(page, "<bdi>"); n != len(knownRequests) {
		t.Errorf("%d rows of %d", n, len(knownRequests))
	}
	for _, not := range []string{"<script", "http://", "https://", "url(", "ZgotmplZ", " checked"} {
		if strings.Contains(page, not) {
			t.Errorf("the page has %q", not)
		}
	}
	if app.Run([]string{"last"}); !strings.Contains(out.String(), "\n  9 requests, 10.3 kB, 3 failed, waited 0.2s\n\n") {
		t.Errorf("no totals:\n%s", out)
	}
	if t.Failed() {
		t.Log(page)
	}
}

// TestManyRequests: of hundreds, those that were met with something come first.
func TestManyRequests(t *testing.T) {
	app, _ := appWithRequests(t, 600, knownInvocation().Events...)
	page := written(t, app, "--html")
	for _, want := range []string{`class="only" checked`, "400 later requests were counted and not kept", `<dd class="count-requests">5400</dd>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestRequestsNotKept: then the page is as it was before requests were.
func TestRequestsNotKept(t *testing.T) {
	app, _ := appWithRequests(t, 1, knownInvocation().Events...)
	if err := os.RemoveAll(filepath.Join(app.Getenv("GOSTEADY_STATE"), "requests")); err != nil {
		t.Fatal(err)
	}
	page := written(t, app, "--html")
	if strings.Contains(page, "<details") || !strings.Contains(page, "When and where") || !strings.Contains(page, `<dd class="count-requests">9</dd>`) {
		t.Errorf("%s", page)
	}
}

// TestLastAll: a command that met nothing is shown where it is asked for.
func TestLastAll(t *testing.T) {
	app, out := appWithRequests(t, 1)
	app.Run([]string{"last"})
	if !strings.HasPrefix(out.String(), "the journal is empty") {
		t.Error(out)
	}
	out.Reset()
	app.Run([]string{"last", "--all"})
	if !strings.Contains(out.String(), "go mod download") {
		t.Error(out)
	}
	if page := written(t, app, "--all", "--html"); strings.Contains(page, "What was met") || !strings.Contains(page, "<details") {
		t.Error(page)
	}
}

func TestReportsAreRedacted(t *testing.T) {
	app, _ := appWithRequests(t, 1, knownInvocation().Events...)
	for _, form := range []string{"--html", "--trace"} {
		report := written(t, app, "--redact", form)
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
	app, _ := appWithRequests(t, 3, knownInvocation().Events...)
	var trace struct{ TraceEvents []traceEvent }
	if err := json.Unmarshal([]byte(written(t, app, "--trace")), &trace); err != nil {
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
