package relay

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestSlowlyToTheEnd: a body that has come is not given up for how long it took.
func TestSlowlyToTheEnd(t *testing.T) {
	for _, tt := range []struct {
		end  error
		want error
	}{{io.EOF, io.EOF}, {nil, errStall}} {
		body := &watched{body: io.NopCloser(one{tt.end}), timing: timing{slow: true}, stuck: func() {}}
		body.window = body.window.Add(-dripWindow) // long ago
		if _, err := body.Read(make([]byte, 8)); err != tt.want {
			t.Errorf("%v: %v", tt.end, err)
		}
	}
}

// TestSmallFilesMustNotDrip, also where nobody else can be asked; a zip that moves may
// take its time.
func TestSmallFilesMustNotDrip(t *testing.T) {
	now := time.Now()
	for name, tt := range map[string]struct {
		timing timing
		began  time.Duration
		bytes  int
		want   error
	}{
		"a zip":                   {timing{}, -time.Hour, 0, nil},
		"a small file":            {timing{small: true, most: time.Minute}, -dripWindow, 0, errStall},
		"one that moves":          {timing{small: true, most: time.Minute}, -dripWindow, smallDrip, nil},
		"one that takes for ever": {timing{small: true, most: time.Minute}, -time.Hour, smallDrip, errStall},
		"one that has begun":      {timing{small: true, most: time.Minute}, 0, 0, nil},
	} {
		body := &watched{body: io.NopCloser(one{}), timing: tt.timing, stuck: func() {}, bytes: tt.bytes}
		body.began, body.window = now.Add(tt.began), now.Add(tt.began)
		_, err := body.Read(make([]byte, 8))
		equal(t, name, err, tt.want)
	}
	b := open(t, fault(t, helloStore(t), "").URL())
	for path, small := range map[string]bool{
		hello + "/@v/list": true, hello + "/@latest": true, helloPath + ".info": true, helloPath + ".mod": true, helloPath + ".zip": false,
		"sumdb/sum.golang.org/lookup/" + hello + "@v1.0.0": true, "sumdb/sum.golang.org/tile/8/0/000": true,
	} {
		q := &question{r: b.relay, up: b.relay.ends[0].up, it: parseItem(path)}
		equal(t, path+" is small", q.timing().small, small)
	}
}

// one reads a byte, with an error.
type one struct{ err error }

func (o one) Read([]byte) (int, error) { return 1, o.err }

// TestRenew: connections that hang are not used again, be they the first ones or
// those that a second start took.
func TestRenew(t *testing.T) {
	l := &lines{make: func() *http.Transport { return &http.Transport{} }}
	first, second := l.main(), l.other()
	if l.renew(second); l.main() != first || l.other() == second {
		t.Error("the second ones hang, and are used again")
	}
	third := l.other()
	if l.renew(first); l.main() != third || l.other() == third {
		t.Error("the first ones hang, and the second ones do not take their place")
	}
	if l.renew(first); l.main() != third || len(l.old) != 2 {
		t.Error("renewed twice")
	}
}

// TestHeadHasNoBody, whatever words the status has.
func TestHeadHasNoBody(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hijack(w, "403 No Way", "text/plain", []byte("go away"))
	}))
	defer srv.Close()
	b := open(t, srv.URL)
	conn, err := net.Dial("tcp", b.relay.port.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HEAD /%s/0/%s/@v/list HTTP/1.1\r\nHost: %s\r\n\r\n", b.relay.port.token, hello, b.relay.port.addr)
	all, err := io.ReadAll(conn)
	if text := string(all); err != nil || !strings.HasPrefix(text, "HTTP/1.1 403 No Way\r\n") || !strings.HasSuffix(text, "\r\n\r\n") {
		t.Errorf("%q %v", text, err)
	}
}

// TestBothStartsHang: neither connection is used for the next attempt.
func TestBothStartsHang(t *testing.T) {
	l := &lines{make: func() *http.Transport { return &http.Transport{} }}
	first, second := l.main(), l.other()
	both := &race{guard: &guard{up: &upstream{lines: l}}}
	var causes []error
	for _, hangs := range []*http.Transport{first, second} {
		both.started = append(both.started, &runner{transport: hangs, cancel: func(cause error) { causes = append(causes, cause) }})
	}
	both.giveUp(errFirstByte)
	if now := l.main(); now == first || now == second {
		t.Error("asked again over connections that hang")
	}
	equal(t, "cancelled", causes, []error{errFirstByte, errFirstByte})
}
