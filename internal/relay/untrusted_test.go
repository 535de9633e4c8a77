package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestHeldConnections: another local user who holds connections to the relay's port takes
// no more than a bounded number of its descriptors, and none of go's turns.
func TestHeldConnections(t *testing.T) {
	const many = untrustedLimit + 100
	b := open(t, fault(t, helloStore(t), "").URL())
	equal(t, "before", b.get(0, hello+"/@v/list").code, http.StatusOK)
	var conns []net.Conn
	for range many {
		c, err := net.Dial("tcp", b.relay.port.addr)
		if err != nil {
			t.Skipf("no descriptors for this test: %v", err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	for range 20 {
		b.client.CloseIdleConnections()
		equal(t, "meanwhile", b.get(0, hello+"/@v/list").code, http.StatusOK)
	}
	// The oldest are closed.
	conns[0].SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := conns[0].Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the first stranger: %v", err)
	}
	b.relay.port.untrusted.mu.Lock()
	defer b.relay.port.untrusted.mu.Unlock()
	if n := len(b.relay.port.untrusted.list); n > untrustedLimit {
		t.Errorf("%d connections without the token", n)
	}
}

// TestStrangerIsSentAway: a request without the token ends its connection.
func TestStrangerIsSentAway(t *testing.T) {
	b := open(t, fault(t, helloStore(t), "").URL())
	c, err := net.Dial("tcp", b.relay.port.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /0/x HTTP/1.1\r\nHost: %s\r\n\r\n", b.relay.port.addr)
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "status", res.StatusCode, http.StatusForbidden)
	equal(t, "closes", res.Close, true)
	io.Copy(io.Discard, res.Body)
	c.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("afterwards: %v", err)
	}
}

// TestBurstOfOurOwn: many requests of go's at one moment are none too many.
func TestBurstOfOurOwn(t *testing.T) {
	b := open(t, fault(t, helloStore(t), "").URL())
	var all sync.WaitGroup
	for range mostUntrusted {
		all.Go(func() {
			res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(b.relay.ends[0].prefix + "/" + hello + "/@v/list")
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
		})
	}
	all.Wait()
}
