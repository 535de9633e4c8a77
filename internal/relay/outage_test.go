package relay

import (
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/policy"
)

// outageOf asks for all files of a hall at once, of a server of which the test decides
// what each request gets, and returns how long was waited and how often it was asked.
// Eight requests after the served ones are under way side by side, as where waits take
// time.
func outageOf(t *testing.T, served int64, serve func(n int64, w http.ResponseWriter, r *http.Request, content http.Handler), with ...func(*Config)) (b *bench, codes map[string]int, waited time.Duration, asked int64) {
	t.Helper()
	h := newHall(t)
	known, err := gosum.Parse([]byte(h.sum))
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	var together sync.WaitGroup
	together.Add(8)
	p := fault(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := n.Add(1)
		if n > served && n <= served+8 {
			together.Done()
			together.Wait()
		}
		serve(n, w, r, h.store)
	}), "")
	with = append(with, knowing(known), func(c *Config) { c.Policy.Prefetch, c.AtOnce = false, 50 })
	b = open(t, p.URL(), with...)
	began := b.clock.Now()
	codes = b.askAll(h)
	return b, codes, b.clock.Now().Sub(began), n.Load()
}

// TestForEver: how long an upstream is waited for that fails for everybody, and how
// often it is asked.
func TestForEver(t *testing.T) {
	for _, tt := range []struct {
		name        string
		status      int
		served      int64 // so many are answered first
		least, most time.Duration
	}{
		{"503", 503, 0, 10 * time.Second, 18 * time.Second},
		{"500", 500, 0, 10 * time.Second, 18 * time.Second},
		{"429", 429, 0, 10 * time.Second, 18 * time.Second},
		{"503 after it has served", 503, 12, 100 * time.Second, 140 * time.Second},
		{"500 after it has served", 500, 12, 100 * time.Second, 140 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b, codes, waited, asked := outageOf(t, tt.served, func(n int64, w http.ResponseWriter, r *http.Request, content http.Handler) {
				if n <= tt.served {
					content.ServeHTTP(w, r)
					return
				}
				w.WriteHeader(tt.status)
			})
			for path, code := range codes {
				if code != tt.status && code != http.StatusOK {
					t.Errorf("%s: %d", path, code)
				}
			}
			if waited < tt.least || waited > tt.most {
				t.Errorf("waited %s", waited)
			}
			if most := tt.served + 50 + int64(waited/time.Second); asked > most {
				t.Errorf("asked %d times, at most %d", asked, most)
			}
			if len(b.notes) == 0 || !strings.HasPrefix(b.notes[0], "gosteady: waiting for "+b.relay.ends[0].client.Host()+" since ") {
				t.Errorf("%q", b.notes)
			}
		})
	}
}

// TestRuleInAnOutage: a rule's own schedule is kept by each file that it is for, while all
// others wait for the upstream.
func TestRuleInAnOutage(t *testing.T) {
	var mu sync.Mutex
	tries := map[string]int{}
	rule := func(c *Config) {
		c.Policy.Breaker.Failures = 0 // else it counts as down, and gets two tries
		c.Policy.Rules = []policy.Rule{{On: []string{"server-error"}, Modules: []string{"example.com/*3"}, Do: []policy.Action{policy.ActRetry},
			Retry: policy.RuleRetry{Attempts: 4, Waits: []time.Duration{time.Second}}}}
	}
	outageOf(t, 0, func(_ int64, w http.ResponseWriter, r *http.Request, _ http.Handler) {
		mu.Lock()
		tries[r.URL.Path]++
		mu.Unlock()
		w.WriteHeader(http.StatusInternalServerError)
	}, rule)
	for path, n := range tries { // those that came before it was given up
		if strings.Contains(path, "/m3/@v/") {
			equal(t, path, n, 4)
		}
	}
}

// TestOutageIsOver: all get what they asked for once it is.
func TestOutageIsOver(t *testing.T) {
	for _, status := range []int{500, 502, 503, 429} {
		_, codes, _, asked := outageOf(t, 8, func(n int64, w http.ResponseWriter, r *http.Request, content http.Handler) {
			if n > 8 && n < 24 {
				w.WriteHeader(status)
				return
			}
			content.ServeHTTP(w, r)
		})
		for path, code := range codes {
			equal(t, path, code, http.StatusOK)
		}
		if most := int64(len(codes) + 50); asked > most {
			t.Errorf("%d: asked %d times, at most %d", status, asked, most)
		}
	}
}

// TestBrokenModules: those that fail for ever are given up by themselves, and hold
// nobody else up.
func TestBrokenModules(t *testing.T) {
	_, codes, waited, _ := outageOf(t, 0, func(_ int64, w http.ResponseWriter, r *http.Request, content http.Handler) {
		if strings.Contains(r.URL.Path, "3/@v/") {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		content.ServeHTTP(w, r)
	})
	for path, code := range codes {
		want := http.StatusOK
		if strings.Contains(path, "3/@v/") {
			want = http.StatusBadGateway
		}
		equal(t, path, code, want)
	}
	if waited > 2*time.Minute {
		t.Errorf("waited %s", waited) // the clock adds what is waited side by side
	}
}

// TestRefusedForEver: where nobody was ever reached, five seconds.
func TestRefusedForEver(t *testing.T) {
	h := newHall(t)
	b := open(t, "http://127.0.0.1:1", func(c *Config) { c.Policy.Prefetch = false })
	began := b.clock.Now()
	for path, code := range b.askAll(h) {
		equal(t, path, code, http.StatusBadGateway)
	}
	if waited := b.clock.Now().Sub(began); waited != 5*time.Second {
		t.Errorf("waited %s", waited)
	}
	b.relay.Close()
	if !slices.ContainsFunc(b.rec.Events(), func(e journal.Event) bool { return e.Paused > time.Second }) {
		t.Error("nobody is told that it was waited for") // see journal.Teller
	}
}

// TestRefusedAfterOneWasTaken: a server that goes away before its first answer was there,
// and is waited for as one that has answered.
func TestRefusedAfterOneWasTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		c.Read(make([]byte, 1024))
		l.Close()
		c.Close()
	}()
	b := open(t, "http://"+l.Addr().String(), func(c *Config) { c.Policy.Prefetch = false })
	began := b.clock.Now()
	for path, code := range b.askAll(newHall(t)) {
		equal(t, path, code, http.StatusBadGateway)
	}
	if waited := b.clock.Now().Sub(began); waited < 100*time.Second {
		t.Errorf("waited %s", waited)
	}
}

// TestEachFileFailsAtFirst: a server that fails each file three times has served nothing
// when all have failed, and is got through all the same.
func TestEachFileFailsAtFirst(t *testing.T) {
	for name, fail := range map[string]func(http.ResponseWriter){
		"reset": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"500":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"503":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
	} {
		var mu sync.Mutex
		failed := map[string]int{}
		_, codes, _, _ := outageOf(t, 0, func(_ int64, w http.ResponseWriter, r *http.Request, content http.Handler) {
			mu.Lock()
			failed[r.URL.Path]++
			n := failed[r.URL.Path]
			mu.Unlock()
			if n <= 3 {
				fail(w)
				return
			}
			content.ServeHTTP(w, r)
		}, func(c *Config) { c.Policy.Retry.Budget = time.Hour }) // this clock adds what is waited side by side
		for path, code := range codes {
			equal(t, name+" "+path, code, http.StatusOK)
		}
	}
}

// TestToldWhenToCome: a server that says when to come back is there, though it has served
// nothing yet.
func TestToldWhenToCome(t *testing.T) {
	_, codes, waited, _ := outageOf(t, 0, func(n int64, w http.ResponseWriter, r *http.Request, content http.Handler) {
		if n <= 20 {
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		content.ServeHTTP(w, r)
	})
	for path, code := range codes {
		equal(t, path, code, http.StatusOK)
	}
	if waited > time.Minute {
		t.Errorf("waited %s", waited)
	}
}

// TestLookupsRefusedForEver: that an upstream serves files says nothing of the checksum
// database behind it.
func TestLookupsRefusedForEver(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**/lookup/** status=429")
	b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) { c.Policy.Prefetch = false })
	equal(t, "a file", b.get(0, helloPath+".zip").code, http.StatusOK)
	began := b.clock.Now()
	equal(t, "a lookup", b.get(0, "sumdb/sum.golang.org/lookup/"+hello+"@v1.1.0").code, http.StatusTooManyRequests)
	if waited := b.clock.Now().Sub(began); waited > 20*time.Second {
		t.Errorf("waited %s", waited)
	}
}

// TestDeadBehindOne: an entry that nobody answers for is waited for as long as no network
// is, also where another entry has answered.
func TestDeadBehindOne(t *testing.T) {
	store := helloStore(t)
	b := open(t, fault(t, store, "").URL()+"|http://127.0.0.1:1", func(c *Config) { c.Policy.Prefetch = false })
	equal(t, "the first", b.get(0, hello+"/@v/v9.0.0.info").code, http.StatusNotFound)
	began := b.clock.Now()
	equal(t, "the second", b.get(1, hello+"/@v/v9.0.0.info").code, http.StatusBadGateway)
	equal(t, "waited", b.clock.Now().Sub(began), 5*time.Second)
}
