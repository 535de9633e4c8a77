package relay

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/policy"
)

// attempts is a policy of so many tries.
func attempts(n int) func(*Config) {
	return func(c *Config) {
		p := policy.Default()
		p.Retry.Attempts = n
		c.Policy = p
	}
}

// TestFailureAhead: what failed before go asked is go's answer; that is one
// failure, and one schedule of retries.
func TestFailureAhead(t *testing.T) {
	store := helloStore(t)
	for _, tt := range []struct {
		name, rules string
		edit        func(*Config)
		status      int
		asked       int
	}{
		{"one attempt", "**.zip status=500", attempts(1), 500, 1},
		{"one attempt, then well", "**.zip first=1 status=500", attempts(1), 500, 1},
		{"forbidden", "**.zip status=403", attempts(5), 403, 1},
		{"a whole schedule", "**.zip status=500", attempts(3), 500, 3},
		{"bad content", "**.zip html", attempts(2), 200, 2},
		{"below HTTP", "**.zip abort after=0", attempts(2), 502, 0},
	} {
		p := fault(t, store, tt.rules)
		b := open(t, p.URL(), knowing(sums(t, store)), tt.edit)
		b.relay.prefetch.Run([]module.Version{helloV1})
		if tt.asked == 0 {
			tt.asked = p.Count("**.zip") // net/http may ask again by itself
		}
		equal(t, tt.name+": status", b.get(0, helloPath+".zip").code, tt.status)
		equal(t, tt.name+": asked", p.Count("**.zip"), tt.asked)
		b.relay.prefetch.Run([]module.Version{helloV1})
		equal(t, tt.name+": asked ahead of what go knows", p.Count("**.zip"), tt.asked)
		equal(t, tt.name+": met", len(b.relay.Unhealed()), 1)
		equal(t, tt.name+": bytes that wait", b.relay.prefetch.Counts().Ready, size(t, store, helloPath+".info")+size(t, store, helloPath+".mod"))
		equal(t, tt.name+": unhealed", len(b.events(journal.Unhealed)), 1)
	}
}

// TestFailureAheadIsOneEntrys: an entry is never answered for by another one.
func TestFailureAheadIsOneEntrys(t *testing.T) {
	store := helloStore(t)
	for _, status := range []string{"404", "410", "401", "403"} {
		first, second := fault(t, store, "** status="+status), fault(t, store, "")
		b := open(t, first.URL()+"|"+second.URL(), knowing(sums(t, store)), attempts(1))
		b.relay.prefetch.Run([]module.Version{helloV1})
		for _, file := range []string{".info", ".mod", ".zip"} {
			equal(t, status+" at the first", b.get(0, helloPath+file).text[:3], status)
			equal(t, status+" at the second", b.get(1, helloPath+file).code, http.StatusOK)
		}
		equal(t, status+": asked", []int{first.Count("**"), second.Count("**")}, []int{3, 3})
	}
}

// TestFailureAheadIsForgotten by a command that is run again, but not by one that
// only words what failed.
func TestFailureAheadIsForgotten(t *testing.T) {
	store := helloStore(t)
	for name, tt := range map[string]struct {
		before func(*Relay)
		status int
	}{
		"run again":   {(*Relay).Again, 200},
		"from memory": {(*Relay).FromMemory, 500},
	} {
		p := fault(t, store, "**.zip first=1 status=500")
		b := open(t, p.URL(), knowing(sums(t, store)), attempts(1))
		b.relay.prefetch.Run([]module.Version{helloV1})
		tt.before(b.relay)
		equal(t, name, b.get(0, helloPath+".zip").code, tt.status)
	}
}

// TestLimitedIsNoAnswer: what was given up for want of budget is asked again when
// go asks for it.
func TestLimitedIsNoAnswer(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.zip first=1 status=500")
	b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) { c.Policy.Retry.Budget = time.Nanosecond })
	b.relay.prefetch.Run([]module.Version{helloV1})
	equal(t, "asked ahead", p.Count("**.zip"), 1)
	equal(t, "status", b.get(0, helloPath+".zip").code, http.StatusOK)
}

// TestFailureIsSharedWithTheScout: a failure that one of two go commands was told
// of is told to the other one as well, and what is asked a third time is asked
// anew.
func TestFailureIsSharedWithTheScout(t *testing.T) {
	store := helloStore(t)
	for scout, want := range map[bool]int{false: 3, true: 2} {
		p := fault(t, store, "** status=403")
		b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) {
			c.Policy.Prefetch = false
			if scout {
				c.Cold = func() {}
			}
		})
		for range 3 {
			b.get(0, helloPath+".zip")
		}
		equal(t, "asked for a file", p.Count("**.zip"), want)
		for range 2 {
			b.get(0, hello+"/@v/list")
		}
		equal(t, "asked for a query", p.Count("**list"), 2)
		equal(t, "bytes that wait", b.relay.prefetch.Counts().Ready, int64(0))
	}
}

// TestSuspectDropsWhatWaits: what was fetched ahead of a command that then found
// damage is not given to the next one unread.
func TestSuspectDropsWhatWaits(t *testing.T) {
	store := largeStore(t)
	p := fault(t, store, "**.zip first=1 flip")
	b := open(t, p.URL(), knowing(sums(t, store)))
	b.relay.prefetch.Run([]module.Version{helloV1})
	b.relay.Suspect()
	if g := b.get(0, helloPath+".zip"); g.body != string(store.Zip(hello, "v1.0.0")) {
		t.Error("damage that waited was given to go")
	}
}

// TestFailedBodiesAreGivenBack: of bodies that are damaged alike, one is held for
// FromMemory, and none of a request that was given up.
func TestFailedBodiesAreGivenBack(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**.zip instead=/example.com/hello/@v/v1.1.0.zip")
	b := open(t, p.URL(), knowing(sums(t, store)), attempts(1))
	held := b.relay.upstreams.Bodies().Used
	b.get(0, helloPath+".zip")
	one := held()
	if one == 0 {
		t.Fatal("nothing is held for FromMemory")
	}
	for range 3 {
		b.get(0, helloPath+".zip")
	}
	eventually(t, "held", held, one)

	_, done := b.relay.prefetch.Get(t.Context(), 0, item(t, helloPath+".zip"))
	done() // and nobody was told
	eventually(t, "held after a request was given up", held, one)

	p.Script("")
	b.get(0, helloPath+".zip")
	eventually(t, "held after it was well", held, 0)
}

// eventually waits for a value: a handler ends after its client has the answer.
func eventually(t testing.TB, what string, value func() int64, want int64) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); value() != want && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	equal(t, what, value(), want)
}

// size is that of a file that a store has.
func size(t *testing.T, store http.Handler, path string) int64 {
	t.Helper()
	w := httptest.NewRecorder()
	store.ServeHTTP(w, httptest.NewRequest("GET", "/"+path, nil))
	return int64(w.Body.Len())
}
