package sumcheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/modproxy"
	"golang.org/x/mod/module"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ setting, name, url string }{
		{"", "sum.golang.org", ""},
		{"sum.golang.org", "sum.golang.org", ""},
		{"sum.golang.google.cn", "sum.golang.org", "https://sum.golang.google.cn"},
		{"sum.golang.org https://mirror.example/x", "sum.golang.org", "https://mirror.example/x"},
		{knownKey, "sum.golang.org", ""},
		{"off", "", ""},
	} {
		s, err := Parse(tt.setting)
		if err != nil || s.Name != tt.name || s.URL != tt.url {
			t.Errorf("%q: %+v, %v", tt.setting, s, err)
		}
	}
	for _, bad := range []string{" ", "sum.example", "a b c", "sum.golang.org+033de0ae+x", "off x"} {
		if s, err := Parse(bad); err == nil {
			t.Errorf("%q: %+v", bad, s)
		}
	}
}

// A world has a database, and a client of it.
type world struct {
	*Database
	server *faultproxy.Store
	db     *faultproxy.SumDB
	dir    string

	mu    sync.Mutex
	asked []string
	down  bool
	said  []string
}

func newWorld(t *testing.T) *world {
	w := &world{server: faultproxy.NewStore(), dir: t.TempDir()}
	for i := range 5 {
		if err := w.server.Add("example.com/hello", fmt.Sprintf("v1.%d.0", i), map[string]string{"hello.go": "package hello\n"}); err != nil {
			t.Fatal(err)
		}
	}
	db, err := w.server.SumDB("db.example/sum")
	if err != nil {
		t.Fatal(err)
	}
	w.db = db
	w.start(t)
	return w
}

func (w *world) start(t *testing.T) {
	st, err := store.Open(store.Config{Dir: w.dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	setting, err := Parse(w.db.Key)
	if err != nil {
		t.Fatal(err)
	}
	w.Database = New(context.Background(), setting, "private.example/*", st, w.remote, func(f string, args ...any) {
		w.said = append(w.said, fmt.Sprintf(f, args...))
	})
}

func (w *world) remote(_ context.Context, it modproxy.Item, _ bool) ([]byte, error) {
	path, _ := it.Path()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, path)
	if w.down {
		return nil, errors.New("down")
	}
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/"+path, nil))
	if rec.Code == http.StatusNotFound || rec.Code == http.StatusGone {
		return nil, fmt.Errorf("%d: %w", rec.Code, fs.ErrNotExist)
	}
	return rec.Body.Bytes(), nil
}

// hash is what the database should have of a version.
func (w *world) hash(t *testing.T, version, suffix string) string {
	text, err := w.server.Sum("example.com/hello", version)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); f[1] == version+suffix {
			return f[2]
		}
	}
	t.Fatal(text)
	return ""
}

func TestCompare(t *testing.T) {
	w := newWorld(t)
	m := module.Version{Path: "example.com/hello", Version: "v1.0.0"}
	if err := w.Zip(m, w.hash(t, "v1.0.0", "")); err != nil {
		t.Error(err)
	}
	if err := w.GoMod(m, w.hash(t, "v1.0.0", "/go.mod")); err != nil {
		t.Error(err)
	}
	var mismatch *MismatchError
	if err := w.Zip(m, "h1:AAAA="); !errors.As(err, &mismatch) || mismatch.Want != w.hash(t, "v1.0.0", "") {
		t.Errorf("another zip: %v", err)
	}
	if err := w.GoMod(m, w.hash(t, "v1.0.0", "")); !errors.As(err, &mismatch) {
		t.Errorf("another go.mod: %v", err)
	}
	if err := w.Knows(module.Version{Path: "example.com/hello", Version: "v9.0.0"}); !errors.Is(err, ErrMissing) {
		t.Errorf("no such version: %v", err)
	}
	if err := w.Knows(m); err != nil {
		t.Errorf("after a failure: %v", err)
	}
	if w.Covers("private.example/x") || !w.Covers("example.com/hello") || !w.Covers(toolchainPath) || !w.Exempts("private.example/x") {
		t.Error("GONOSUMDB is not heeded")
	}
}

// A failure is not for ever, and what was proved needs no server.
func TestDown(t *testing.T) {
	w := newWorld(t)
	m := module.Version{Path: "example.com/hello", Version: "v1.0.0"}
	w.down = true
	if err := w.Knows(m); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("down: %v", err)
	}
	w.down = false
	if err := w.Knows(m); err != nil {
		t.Errorf("up again: %v", err)
	}
	w.down = true
	w.start(t)
	if err := w.Zip(m, w.hash(t, "v1.0.0", "")); err != nil {
		t.Errorf("from the store: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(w.dir, "sumdb/db.example/sum/lookup/example.com/hello@v1.0.0"))
	if err != nil || !strings.Contains(string(data), "example.com/hello v1.0.0") {
		t.Errorf("the record is not where GOPROXY=file:// finds it: %q, %v", data, err)
	}
}

// A database with another history is not believed, also by a later process; a damaged
// memory of the last tree stops nobody.
func TestFork(t *testing.T) {
	w := newWorld(t)
	if err := w.Knows(module.Version{Path: "example.com/hello", Version: "v1.0.0"}); err != nil {
		t.Fatal(err)
	}
	w.db.Fork()
	w.start(t)
	if err := w.Knows(module.Version{Path: "example.com/hello", Version: "v1.1.0"}); err == nil {
		t.Error("a fork is believed")
	}
	if len(w.said) == 0 {
		t.Error("nothing is said")
	}
	latest := filepath.Join(w.dir, ".gateway/sumdb/db.example/sum/latest")
	if err := os.WriteFile(latest, []byte("half of a tr"), 0o666); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	if err := w.Knows(module.Version{Path: "example.com/hello", Version: "v1.2.0"}); err != nil {
		t.Errorf("with a damaged memory: %v", err)
	}
}

// A client keeps what it has seen: after some time there is a new one.
func TestManyLookups(t *testing.T) {
	w := newWorld(t)
	m := module.Version{Path: "example.com/hello", Version: "v1.0.0"}
	if err := w.Knows(m); err != nil {
		t.Fatal(err)
	}
	first := w.client
	w.lookups = maxLookups
	if err := w.Knows(m); err != nil || w.client == first {
		t.Errorf("%v; the same client: %v", err, w.client == first)
	}
}
