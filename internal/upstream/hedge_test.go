package upstream

import (
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
)

const (
	hello     = "example.com/hello"
	helloPath = hello + "/@v/v1.0.0"
)

// TestSlowlyToTheEnd: a body that has come is not given up for how long it took.
func TestSlowlyToTheEnd(t *testing.T) {
	for _, tt := range []struct {
		end  error
		want error
	}{{io.EOF, io.EOF}, {nil, errStall}} {
		body := &watched{body: io.NopCloser(one{tt.end}), deadlines: deadlines{slow: true}, stuck: func() {}}
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
		deadlines deadlines
		began     time.Duration
		bytes     int
		want      error
	}{
		"a zip":                   {deadlines{}, -time.Hour, 0, nil},
		"a small file":            {deadlines{small: true, most: time.Minute}, -dripWindow, 0, errStall},
		"one that moves":          {deadlines{small: true, most: time.Minute}, -dripWindow, smallDrip, nil},
		"one that takes for ever": {deadlines{small: true, most: time.Minute}, -time.Hour, smallDrip, errStall},
		"one that has begun":      {deadlines{small: true, most: time.Minute}, 0, 0, nil},
	} {
		body := &watched{body: io.NopCloser(one{}), deadlines: tt.deadlines, stuck: func() {}, bytes: tt.bytes}
		body.began, body.window = now.Add(tt.began), now.Add(tt.began)
		_, err := body.Read(make([]byte, 8))
		equal(t, name, err, tt.want)
	}
	c := NewGroup(Config{}).Proxy(&url.URL{Scheme: "https", Host: "proxy.test"})
	for path, small := range map[string]bool{
		hello + "/@v/list": true, hello + "/@latest": true, helloPath + ".info": true, helloPath + ".mod": true, helloPath + ".zip": false,
		"sumdb/sum.golang.org/lookup/" + hello + "@v1.0.0": true, "sumdb/sum.golang.org/tile/8/0/000": true,
	} {
		it, err := modproxy.Parse(path)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, path+" is small", c.newFetch(Request{Item: it}, now).deadlines().small, small)
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

// TestBothStartsHang: neither connection is used for the next attempt.
func TestBothStartsHang(t *testing.T) {
	l := &lines{make: func() *http.Transport { return &http.Transport{} }}
	first, second := l.main(), l.other()
	both := &pair{lines: l}
	var causes []error
	for _, hangs := range []*http.Transport{first, second} {
		both.started = append(both.started, &start{transport: hangs, cancel: func(cause error) { causes = append(causes, cause) }})
	}
	both.giveUp(errFirstByte)
	if now := l.main(); now == first || now == second {
		t.Error("asked again over connections that hang")
	}
	equal(t, "cancelled", causes, []error{errFirstByte, errFirstByte})
}
