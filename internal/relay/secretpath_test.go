package relay

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/journal"
)

// A path as some services have it: whoever knows it may read.
const (
	pathToken  = "Q7secretTOKEN123"
	secretPath = "/" + pathToken + "/org/go"
)

// A tokenServer has a store below secretPath. It fails as services do: with its
// own path in the words, by a redirect that leads nowhere, at first.
func tokenServer(t *testing.T) string {
	store := helloStore(t)
	var asked sync.Map
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, again := asked.LoadOrStore(r.URL.Path, true)
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, ".mod"):
			http.Redirect(w, r, "http://127.0.0.1:1/cdn"+path+"?signature=abc", http.StatusFound)
		case strings.HasSuffix(path, "v1.1.0.info"):
			http.Error(w, "no such file: "+path+" (token "+pathToken+")", http.StatusForbidden)
		case !again:
			http.Error(w, "try again: "+path, http.StatusServiceUnavailable)
		default:
			http.StripPrefix(secretPath, store).ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestPathIsNotKept: nothing on disk has the path of a proxy's address, whether
// its failures were healed or not.
func TestPathIsNotKept(t *testing.T) {
	state := t.TempDir()
	store := journal.NewStore(state)
	for _, base := range []string{tokenServer(t), "http://127.0.0.1:1"} {
		b := open(t, base+secretPath, func(c *Config) { c.State = state })
		for _, name := range []string{"v1.0.0.info", "v1.1.0.info", "v1.0.0.mod", "v1.0.0.zip"} {
			b.get(0, hello+"/@v/"+name)
		}
		b.relay.Close()
		b.rec.Add(journal.Event{Outcome: journal.Unhealed, Text: "go: reading " + base + secretPath + "/" + hello + "/@v/list: EOF"})
		if err := b.rec.Flush(store, journal.All, 1); err != nil {
			t.Fatal(err)
		}
		events := b.rec.Events()
		if text := events[len(events)-1].Text; !strings.Contains(text, "/…/"+hello+"/@v/") {
			t.Errorf("the text says too little: %q", text)
		}
	}
	files := 0
	err := filepath.WalkDir(state, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(name)
		if strings.Contains(string(data), pathToken) || strings.Contains(string(data), "/org/go") {
			t.Errorf("%s has the path:\n%s", d.Name(), data)
		}
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}
	for inv := range store.All() {
		for _, q := range store.Requests(inv) {
			if strings.Contains(q.Upstream, "/") {
				t.Errorf("a request has %q", q.Upstream)
			}
		}
	}
}

// TestDatabasePathIsNotKept: go asks a checksum database itself where no proxy
// carries it, and says where.
func TestDatabasePathIsNotKept(t *testing.T) {
	const address = "https://sums.example" + secretPath
	b := open(t, "http://127.0.0.1:1", func(c *Config) { c.Environ = append(c.Environ, "GOSUMDB=sum.golang.org "+address) })
	b.rec.Add(journal.Event{Outcome: journal.Unhealed, Text: "verifying module: " + address + "/lookup/x@v1: 500"})
	equal(t, "text", b.rec.Events()[0].Text, "verifying module: https://sums.example/…/lookup/x@v1: 500")
}

// TestPrivateIsRecorded: as GOPRIVATE, GONOPROXY and the policy have it.
func TestPrivateIsRecorded(t *testing.T) {
	b := open(t, "http://127.0.0.1:1", func(c *Config) {
		c.Environ = append(c.Environ, "GOPRIVATE=corp.example")
		c.Policy.Private = []string{"policy.example"}
	})
	for _, path := range []string{"corp.example/a", "policy.example/b", hello} {
		b.rec.Add(journal.Event{Outcome: journal.Unhealed, Module: path})
		b.rec.AddRequest(b.clock.Now(), journal.Request{Module: path})
	}
	for i, e := range b.rec.Events() {
		if q := b.rec.Requests()[i]; e.Private != (e.Module != hello) || q.Private != (q.Module != hello) {
			t.Errorf("%s: private %v; %s: private %v", e.Module, e.Private, q.Module, q.Private)
		}
	}
}
