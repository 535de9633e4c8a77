package journal

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// clock returns the times that it is given by advancing it.
type clock struct{ t time.Time }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

// healed is an event that was over at noon plus end.
func healed(end, wait time.Duration, upstream string, class classify.Class) Event {
	return Event{Time: noon.Add(end), Wait: wait, Outcome: Healed, Upstream: upstream, Class: class, Action: "retry"}
}

func TestHealedLine(t *testing.T) {
	const proxy = "proxy.golang.org"
	for _, tt := range []struct {
		name   string
		events []Event
		want   string
	}{
		{"nothing", nil, ""},
		{"only what was not healed", []Event{{Outcome: Unhealed, Class: classify.Gone}, {Outcome: Noted}}, ""},
		{"as in the design", []Event{
			healed(400*time.Millisecond, 400*time.Millisecond, proxy, classify.ServerError),
			healed(900*time.Millisecond, 500*time.Millisecond, proxy, classify.HTTP2),
			healed(1400*time.Millisecond, 500*time.Millisecond, proxy, classify.ServerError),
		}, "gosteady: healed 3 fetch failures in 1.4s (proxy.golang.org: 2 server-error, 1 http2); see 'go steady last'"},
		{"one", []Event{healed(0, 12*time.Millisecond, proxy, classify.Reset)},
			"gosteady: healed 1 fetch failure in 12ms (proxy.golang.org: 1 reset); see 'go steady last'"},
		{"side by side counts once", []Event{
			healed(2*time.Second, 2*time.Second, proxy, classify.Reset),
			healed(3*time.Second, 2*time.Second, "goproxy.cn", classify.Timeout),
			healed(3*time.Second, 500*time.Millisecond, "goproxy.cn", classify.Reset),
		}, "gosteady: healed 3 fetch failures in 3.0s (goproxy.cn: 1 reset, 1 timeout; proxy.golang.org: 1 reset); see 'go steady last'"},
		{"no upstream", []Event{
			{Time: noon, Outcome: Healed, Class: classify.CacheCorrupt, Action: "replace"},
			healed(0, 61*time.Second, proxy, classify.Reset),
		}, "gosteady: healed 2 fetch failures in 1m1s (proxy.golang.org: 1 reset; 1 cache-corrupt); see 'go steady last'"},
		{"in the module cache", []Event{
			{Time: noon, Outcome: Healed, Class: classify.CacheCorrupt, Action: "replace", Module: "example.com/b", Version: "v1.0.0"},
		}, "gosteady: healed 1 fetch failure in 0s (1 cache-corrupt in example.com/b@v1.0.0); see 'go steady last'"},
		{"more of them", []Event{
			{Time: noon, Outcome: Healed, Class: classify.CacheCorrupt, Action: "replace", Module: "example.com/b", Version: "v1.0.0"},
			{Time: noon, Outcome: Healed, Class: classify.CacheCorrupt, Action: "replace", Module: "example.com/a", Version: "v1.0.0"},
		}, "gosteady: healed 2 fetch failures in 0s (2 cache-corrupt in example.com/a@v1.0.0 and 1 more); see 'go steady last'"},
		{"mixed", []Event{healed(0, time.Second, proxy, classify.Reset), {Outcome: Unhealed, Class: classify.Gone, Upstream: proxy}},
			"gosteady: healed 1 fetch failure in 1.0s (proxy.golang.org: 1 reset); see 'go steady last'"},
	} {
		if got, _ := (Teller{Getenv: func(string) string { return "" }, Kept: true}).closing(Invocation{Events: tt.events}); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestRecorder(t *testing.T) {
	c := &clock{noon}
	r := NewRecorder([]string{"build", "-ldflags=-X main.key=abc", "./..."}, "/src/m", c.now)
	r.Version = "v0.2.0"
	c.advance(2 * time.Second)
	r.Add(Event{Outcome: Healed, Class: classify.Reset, Upstream: "user:pw@a.example", Text: `Get "https://u:p@a.example/x?sig=1": EOF`})
	r.Add(Event{Time: noon.Add(time.Second), Outcome: Unhealed, Class: classify.Gone})
	c.advance(time.Second)
	got := r.Invocation(1)
	want := Invocation{
		Time: noon, Duration: 3 * time.Second, Exit: 1, Version: "v0.2.0", Dir: "/src/m",
		Command: []string{"build", "-ldflags=xxxxx", "./..."},
		Events: []Event{
			{Time: noon.Add(time.Second), Outcome: Unhealed, Class: classify.Gone},
			{Time: noon.Add(2 * time.Second), Outcome: Healed, Class: classify.Reset, Upstream: "a.example", Text: `Get "https://xxxxx@a.example/x?xxxxx": EOF`},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestRecorderBounds(t *testing.T) {
	r := NewRecorder(nil, "", (&clock{noon}).now)
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range (maxEvents + 80) / 8 {
				r.Add(Event{Outcome: Healed, Text: strings.Repeat("é", maxText)})
			}
		}()
	}
	wg.Wait()
	if n := len(r.Events()); n != maxEvents {
		t.Errorf("%d events are kept, want %d", n, maxEvents)
	}
	inv := r.Invocation(0)
	if len(inv.Events) != maxStored || inv.Dropped != maxEvents+80-maxStored {
		t.Errorf("%d events go to disk and %d do not", len(inv.Events), inv.Dropped)
	}
	if text := inv.Events[0].Text; len(text) > maxText+len("…") || !strings.HasSuffix(text, "é…") {
		t.Errorf("the text has %d bytes, ends in %q", len(text), text[len(text)-8:])
	}
}

// TestLastFailureIsKept: after however many that were healed.
func TestLastFailureIsKept(t *testing.T) {
	for _, n := range []int{maxStored, maxEvents} {
		r := NewRecorder(nil, "", (&clock{noon}).now)
		for range n {
			r.Add(Event{Outcome: Healed, Class: classify.Reset, Upstream: "p"})
		}
		r.Add(Event{Outcome: Unhealed, Class: classify.ServerError, Module: "m", Version: "v1.0.0", Upstream: "p"})
		inv := r.Invocation(1)
		if len(inv.Events) != maxStored || inv.Dropped != n+1-maxStored {
			t.Errorf("of %d, %d go to disk and %d do not", n+1, len(inv.Events), inv.Dropped)
		}
		if last := inv.Events[len(inv.Events)-1]; last.Module != "m" || len(outcome(inv.Events, Healed)) != maxStored-1 {
			t.Errorf("of %d, the last one on disk is %+v", n+1, last)
		}
	}
}

func TestNilRecorder(t *testing.T) {
	var r *Recorder
	r.Add(Event{})
	if r.Events() != nil || r.Flush(NewStore(t.TempDir()), All, 0) != nil || r.Invocation(3).Exit != 3 {
		t.Error("the nil Recorder does something")
	}
}

func TestGrouped(t *testing.T) {
	a, b := healed(time.Second, time.Second, "p", classify.Reset), healed(2*time.Second, time.Second, "p", classify.Reset)
	a.Module, a.Version, a.Attempts = "m", "v1.0.0", 2
	b.Module, b.Version, b.Attempts = "n", "v1.0.0", 3
	c := b
	c.Action = "resume"
	groups := Grouped([]Event{a, c, b, a})
	if len(groups) != 2 {
		t.Fatalf("%d groups, want 2", len(groups))
	}
	g := groups[0]
	if g.Count != 3 || g.Requests != 7 || g.Lost != 2*time.Second || g.Subject() != "m@v1.0.0 and 1 more" {
		t.Errorf("first group: %+v, %s", g, g.Subject())
	}
}

func TestRedactArgs(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"mod download -x", "mod download -x"},
		{"build -mod=mod -tags=a,b ./...", "build -mod=mod -tags=a,b ./..."},
		{"-C dir build -o out ./cmd", "-C dir build -o out ./cmd"},
		{"build -ldflags -X=main.pw=1 -gcflags=all=-N ./x", "build -ldflags xxxxx -gcflags=xxxxx ./x"},
		{"test ./... -args -token secret", "test ./... -args …"},
		{"test ./... --unknown=secret", "test ./... --unknown=xxxxx"},
		{"test ./x -token secret", "test ./x -token …"},
		{"test -v -count 1 -timeout=5m -race ./x -verbose ./y z", "test -v -count xxxxx -timeout=xxxxx -race ./x -verbose …"},
		{"test -run A -tags b ./...", "test -run A -tags b ./..."},
		{"get -u=patch -t ./...", "get -u=patch -t ./..."},
		{"run main.go secret", "run main.go …"},
		{"run -tags b main.go other.go a.txt b.go", "run -tags b main.go other.go …"},
		{"run -race -mod mod ./cmd secret", "run -race -mod mod ./cmd …"},
		{"run ./cmd --password secret", "run ./cmd …"},
		{"run example.com/x@v1.0.0 secret", "run example.com/x@v1.0.0 …"},
		{"run main.go other.go", "run main.go other.go"},
		{"tool stringer -type T", "tool stringer …"},
		{"get https://u:p@corp.example/x", "get https://xxxxx@corp.example/x"},
		{"list -m -json all", "list -m -json all"},
		{"-C", "-C"},
		{"", ""},
	} {
		if got := strings.Join(redactArgs(strings.Fields(tt.in)), " "); got != tt.want {
			t.Errorf("%q = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1400 * time.Microsecond: "1ms", 99 * time.Millisecond: "99ms", 140 * time.Millisecond: "0.1s",
		1449 * time.Millisecond: "1.4s", 59 * time.Second: "59.0s", 90*time.Second + 400*time.Millisecond: "1m30s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d) = %q, want %q", d, got, want)
		}
	}
}
