package steadytest

import (
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/journal"
)

// Requests has one of every kind, and when it began, in milliseconds.
var Requests = []struct {
	Start int
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

// Record adds an invocation with Requests, n times over, and events to a store.
func Record(t *testing.T, store journal.Store, n int, events ...journal.Event) {
	t.Helper()
	now := Monday
	r := journal.NewRecorder([]string{"mod", "download", "corp.example/secret@v1.0.0"}, "/src/m", func() time.Time { return now })
	for i := range n {
		for _, q := range Requests {
			r.AddRequest(Monday.Add(time.Duration(q.Start+i)*time.Millisecond), q.Request)
		}
	}
	for _, e := range events {
		r.Add(e)
	}
	now = Monday.Add(10 * time.Second)
	if err := r.Flush(store, journal.All, 1); err != nil {
		t.Fatal(err)
	}
}
