package relay

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modtest"
)

// requests closes the relay and lists its requests: "zip resume 2: 206
// truncated", with "dropped" for what was given up.
func (b *bench) requests() (list []string) {
	b.relay.Close()
	for _, q := range b.rec.Requests() {
		text := fmt.Sprintf("%s %s %d: %d", q.File, q.Reason, q.Attempt, q.Status)
		if q.Class != "" {
			text += " " + string(q.Class)
		}
		if q.Dropped {
			text += " dropped"
		}
		list = append(list, text)
	}
	return list
}

func TestRequestsAreRecorded(t *testing.T) {
	for _, tt := range []struct{ name, file, fault, want string }{
		{"at once", "@v/v1.0.0.info", "", "info asked 1: 200"},
		{"no such file", "@v/v1.0.7.info", "", "info asked 1: 404 not-found"},
		{"a retry", "@v/v1.0.0.info", "first=1 status=503", "info asked 1: 503 server-error;info retry 2: 200"},
		{"a resume", "@v/v1.0.0.zip", "first=1 cut", "zip asked 1: 200 truncated;zip resume 2: 206"},
		{"no answer", "@v/v1.0.0.info", "first=1 reset after=0", "info asked 1: 0 reset;info retry 2: 200"},
		{"damage", "@v/v1.0.0.zip", "first=1 flip", "zip asked 1: 200 bad-content;zip retry 2: 200"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := helloStore(t)
			rule := ""
			if tt.fault != "" {
				rule = "/example.com/hello/" + tt.file + " " + tt.fault
			}
			p := fault(t, store, rule)
			b := open(t, p.URL(), knowing(sums(t, store)))
			b.get(0, hello+"/"+tt.file)
			equal(t, "requests", strings.Join(b.requests(), ";"), tt.want)
		})
	}
}

// TestRequestsInFull looks at everything that is recorded of a resumed file.
func TestRequestsInFull(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.zip first=1 cut")
	b := open(t, p.URL(), knowing(sums(t, store)))
	g := b.get(0, hello+"/@v/v1.0.0.zip")
	b.relay.Close()
	list := b.rec.Requests()
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	first, rest := list[0], list[1]
	host := strings.TrimPrefix(p.URL(), "http://")
	if rest.Upstream != host || rest.Module != hello || rest.Version != "v1.0.0" || rest.Attempt != 2 {
		t.Errorf("%+v", rest)
	}
	if first.Bytes == 0 || rest.Bytes == 0 || first.Bytes+rest.Bytes != int64(len(g.body)) {
		t.Errorf("%d and %d bytes of %d", first.Bytes, rest.Bytes, len(g.body))
	}
	// Only waits take time by this clock.
	if first.Wait != 0 || rest.Wait == 0 || rest.Start != rest.Wait {
		t.Errorf("waits of %v and %v, the second start at %v", first.Wait, rest.Wait, rest.Start)
	}
	totals := b.rec.Invocation(0).Requests
	want := journal.Totals{Count: 2, Failed: 1, Bytes: int64(len(g.body)), Waited: rest.Wait}
	if totals == nil || *totals != want {
		t.Errorf("totals %+v, want %+v", totals, want)
	}
}

// TestHedgeIsRecorded: both starts are, and which of them answered.
func TestHedgeIsRecorded(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.info first=1 hang")
	b := open(t, p.URL(), func(c *Config) { c.Policy.Hedge = 50 * time.Millisecond })
	b.get(0, hello+"/@v/v1.0.0.info")
	equal(t, "requests", b.requests(), "[info asked 1: 0 dropped info hedge 1: 200]")
}

// TestRotationIsRecorded: what is asked in the place of another upstream says so.
func TestRotationIsRecorded(t *testing.T) {
	store := helloStore(t)
	portal, good := fault(t, store, "** html"), fault(t, store, "")
	b := open(t, portal.URL()+"|"+good.URL(), knowing(sums(t, store)))
	b.get(0, hello+"/@v/v1.0.0.zip")
	list := b.requests()
	equal(t, "the last request", list[len(list)-1], "zip rotate 1: 200")
}

// TestAheadIsRecorded: what is fetched before go asks says so.
func TestAheadIsRecorded(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "")
	b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) {
		c.Prefetch, c.Only = One, []module.Version{helloV1}
	})
	b.get(0, hello+"/@v/v1.0.0.info")
	b.get(0, hello+"/@v/v1.0.0.zip")
	reasons := make(map[journal.Reason]bool)
	b.relay.Close()
	for _, q := range b.rec.Requests() {
		reasons[q.Reason] = true
	}
	if !reasons[journal.Ahead] {
		t.Errorf("%+v", b.rec.Requests())
	}
}

// TestRequestsKeepNoSecrets: a proxy's credentials and query are not recorded.
func TestRequestsKeepNoSecrets(t *testing.T) {
	store := helloStore(t)
	p := modtest.Proxy(t, faultproxy.Config{Content: store, TLS: true})
	address := strings.Replace(p.URL(), "://", "://alice:hunter2@", 1) + "/?sig=t0ken"
	b := open(t, address, trusting(p))
	b.get(0, hello+"/@v/v1.0.0.info")
	b.relay.Close()
	data, err := json.Marshal(b.rec.Requests())
	if err != nil || len(b.rec.Requests()) == 0 {
		t.Fatalf("%s, %v", data, err)
	}
	for _, secret := range []string{"alice", "hunter2", "t0ken", "sig", "@", "://"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("%q is recorded: %s", secret, data)
		}
	}
}
