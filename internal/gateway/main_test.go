package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/gateway/store"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// plain is a source that asks once.
type plain struct {
	base     *url.URL
	database bool
}

func (s plain) Fetch(ctx context.Context, it modproxy.Item) (File, error) {
	target := modproxy.URL(s.base, it)
	if s.database {
		path, _ := it.DatabasePath()
		target = modproxy.Join(s.base, path, it.Kind)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, &StatusError{Status: res.StatusCode, Detail: data}
	}
	return inMemory(data, res.Header.Get("Content-Type")), nil
}

// A machine has a gateway before a proxy.
type machine struct {
	*Gateway
	t      *testing.T
	proxy  *faultproxy.Proxy
	store  *faultproxy.Store
	config Config
	dir    string
	log    *lockedBuffer
	server *httptest.Server
	stop   func()

	mu   sync.Mutex
	time time.Time
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const hello = "example.com/hello"

// start starts a proxy with a database, and a gateway before it. change may change the
// gateway's configuration.
func start(t *testing.T, change func(*machine)) *machine {
	m := &machine{t: t, store: faultproxy.NewStore(), dir: t.TempDir(), log: &lockedBuffer{}, time: time.Now()}
	for i := range 3 {
		if err := m.store.Add(hello, fmt.Sprintf("v1.%d.0", i), map[string]string{"hello.go": "package hello\n"}); err != nil {
			t.Fatal(err)
		}
	}
	db, err := m.store.SumDB("localhost/sum")
	if err != nil {
		t.Fatal(err)
	}
	m.proxy = modtest.Proxy(t, faultproxy.Config{Content: m.store})
	m.config = Config{
		Rules: Rules{SumDB: db.Key},
		Connect: func(base *url.URL, database bool) (Source, bool, error) {
			return plain{base, database}, base.User != nil, nil
		},
		Log: slog.New(slog.NewTextHandler(m.log, nil)),
		Now: m.clock,
	}
	m.config.Upstreams = parse(t, m.proxy.URL()+",direct")
	if change != nil {
		change(m)
	}
	m.restart()
	return m
}

func parse(t *testing.T, list string) []proxylist.Proxy {
	t.Helper()
	p, err := proxylist.Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (m *machine) clock() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.time
}

func (m *machine) later(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.time = m.time.Add(d)
}

// restart is a process that ends, and another one on the same store.
func (m *machine) restart() {
	m.t.Helper()
	if m.stop != nil {
		m.stop()
	}
	st, err := store.Open(store.Config{Dir: m.dir})
	if err != nil {
		m.t.Fatal(err)
	}
	m.config.Store = st
	if m.Gateway, err = New(m.config); err != nil {
		m.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		m.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- m.Gateway.Serve(ctx, l, nil) }()
	g, addr := m.Gateway, "http://"+l.Addr().String()
	m.server = &httptest.Server{URL: addr}
	m.stop = sync.OnceFunc(func() {
		cancel()
		http.DefaultClient.CloseIdleConnections()
		<-done
		g.Close()
		st.Close()
	})
	m.t.Cleanup(m.stop)
}

// An answer is what a client got.
type answer struct {
	status int
	body   string
	header http.Header
}

func (m *machine) get(path string, header ...string) answer {
	m.t.Helper()
	return m.request(http.MethodGet, path, header...)
}

func (m *machine) request(method, path string, header ...string) answer {
	m.t.Helper()
	req, err := http.NewRequest(method, m.server.URL+path, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		m.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer{res.StatusCode, string(body), res.Header}
}

// settle waits for what is read ahead and stored.
func (m *machine) settle() {
	m.t.Helper()
	for range 2000 {
		m.calls.mu.Lock()
		busy := len(m.calls.byKey)
		m.calls.mu.Unlock()
		if busy == 0 && m.ahead.busy.Load() == 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	m.t.Fatal("the gateway does not come to rest")
}

func (m *machine) metric(line string) bool {
	m.t.Helper()
	return strings.Contains(m.get("/metrics").body, line)
}
