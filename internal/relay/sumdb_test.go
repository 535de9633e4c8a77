package relay

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestRefusedLookup: what the carrier of the checksum database refuses is asked of
// nobody else; where it fails, the next one is asked.
func TestRefusedLookup(t *testing.T) {
	store := helloStore(t)
	if _, err := store.SumDB("sum.golang.org"); err != nil {
		t.Fatal(err)
	}
	const lookup = "lookup/" + hello + "@v1.0.0"
	for _, tt := range []struct {
		fault string
		asked bool // somebody else
	}{
		{"status=400", false}, {"status=401", false}, {"status=403", false}, {"status=404", false}, {"status=410", false},
		{"status=429", false}, {"status=408", false}, {"html", false},
		{"status=500", true}, {"status=503", true}, {"reset", true},
	} {
		// "|" and another entry, or the database itself; a mirror of a policy's.
		athens, other := fault(t, store, "**/lookup/** "+tt.fault), fault(t, store, "")
		b := open(t, athens.URL()+"|"+other.URL())
		b.get(0, "sumdb/sum.golang.org/supported")
		b.get(0, "sumdb/sum.golang.org/"+lookup)
		equal(t, tt.fault+": the next entry is asked", other.Count("**/lookup/**") > 0, tt.asked)

		var dialled hosts
		b = open(t, athens.URL()+"|direct", dialled.watch)
		b.get(0, "sumdb/sum.golang.org/"+lookup)
		equal(t, tt.fault+": the database is asked", dialled.has("sum.golang.org:443"), tt.asked)

		mirror := fault(t, store, "")
		b = open(t, athens.URL(), func(c *Config) { c.Policy.SumDB = []string{mirror.URL()} })
		res, err := b.client.Get(b.relay.port.base + "/" + mirrorPath + "/" + lookup)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		equal(t, tt.fault+": the mirror is asked", mirror.Count("**/lookup/**") > 0, tt.asked)
	}
}

// TestLookupOfWhatIsKnown: who was asked for a module already may be asked for its
// record, also after a mere "not now".
func TestLookupOfWhatIsKnown(t *testing.T) {
	store := helloStore(t)
	if _, err := store.SumDB("sum.golang.org"); err != nil {
		t.Fatal(err)
	}
	for _, fails := range []string{"status=429", "html"} {
		athens, other := fault(t, store, "**/lookup/** "+fails), fault(t, store, "")
		b := open(t, athens.URL()+"|"+other.URL())
		b.get(1, hello+"/@v/list")
		equal(t, fails, b.get(0, "sumdb/sum.golang.org/lookup/"+hello+"@v1.0.0").code, http.StatusOK)
	}
}

// TestForeignRecord: the authentic record of another module is no answer, and no go
// command gets to see it, who might take it for proof.
func TestForeignRecord(t *testing.T) {
	store := helloStore(t)
	if err := store.Add("example.com/other", "v1.0.0", map[string]string{"a.go": "package a\n"}); err != nil {
		t.Fatal(err)
	}
	db, err := store.SumDB("sum.example")
	if err != nil {
		t.Fatal(err)
	}
	base := "sumdb/" + db.Name + "/"
	p := fault(t, store, "**/lookup/"+hello+"@** instead=/"+base+"lookup/example.com/other@v1.0.0\n**/tile/** html")
	b := open(t, p.URL())
	for _, path := range []string{"lookup/" + hello + "@v1.0.0", "tile/8/0/000.p/1"} {
		g := b.get(0, base+path)
		equal(t, path, g.code, http.StatusBadGateway)
		if !strings.Contains(b.words(g), "malformed record data: it is of example.com/other v1.0.0") && !strings.Contains(b.words(g), "inconsistent tile") {
			t.Error(b.words(g))
		}
	}
	equal(t, "the right one", b.get(0, base+"lookup/example.com/other@v1.0.0").code, http.StatusOK)
}

// TestLookUpAfterTheFile: nothing is told to the checksum database of a file that is
// refused, which go would not ask about.
func TestLookUpAfterTheFile(t *testing.T) {
	store := helloStore(t)
	if _, err := store.SumDB("sum.golang.org"); err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{"403", "200"} {
		public := fault(t, store, "")
		rules := ""
		if status == "403" {
			rules = "**.zip status=403"
		}
		corp := fault(t, store, "/sumdb/** status=404\n"+rules)
		b := open(t, corp.URL()+","+public.URL(), requiring(helloV1))
		b.get(1, "sumdb/sum.golang.org/supported")
		b.get(0, hello+"/@v/list")
		b.get(0, helloPath+".zip")
		b.settle()
		equal(t, "lookups after "+status, public.Count("**/lookup/**") > 0, status == "200")
	}
}

// hosts are those that were dialled.
type hosts struct {
	mu   sync.Mutex
	list []string
}

func (h *hosts) watch(c *Config) {
	dial := c.Dial
	c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		h.mu.Lock()
		h.list = append(h.list, addr)
		h.mu.Unlock()
		return dial(ctx, network, addr)
	}
}

func (h *hosts) has(addr string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.list {
		if a == addr {
			return true
		}
	}
	return false
}
