package relay

import (
	"context"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestCame: what go was told to be out of reach has come, once the upstream has sent any
// file since; what was refused otherwise, once the file itself is there.
func TestCame(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "**/v1.1.0.info first=9 status=500")
	var away atomic.Bool
	b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) {
		c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if away.Load() {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return loopback(ctx, network, addr)
		}
	})
	b.get(0, hello+"/@v/v1.1.0.info")
	away.Store(true)
	b.client.CloseIdleConnections()
	b.relay.upstreams.Close()
	b.get(0, hello+"/@v/v1.0.0.info")
	told := b.relay.Unhealed()
	if len(told) != 2 {
		t.Fatalf("told of %d failures", len(told))
	}
	refused, unreachable := told[0], told[1]
	if b.relay.Came(refused) || b.relay.Came(unreachable) {
		t.Error("nothing has come yet")
	}
	away.Store(false)
	b.clock.Sleep(context.Background(), time.Second)
	if g := b.get(0, hello+"/@v/v1.0.0.mod"); g.code != 200 {
		t.Fatalf("%+v", g)
	}
	if b.relay.Came(refused) || !b.relay.Came(unreachable) || b.relay.Got(unreachable) {
		t.Errorf("with another file: %v, %v", b.relay.Came(refused), b.relay.Came(unreachable))
	}
	b.get(0, hello+"/@v/v1.1.0.info")
	if !b.relay.Came(refused) || !b.relay.Got(refused) {
		t.Error("the file itself has come")
	}
}

// TestRejected: what go was given unproven and does not keep is noticed, once, and what
// it keeps is not.
func TestRejected(t *testing.T) {
	store := helloStore(t)
	p := fault(t, store, "")
	cache := t.TempDir()
	b := open(t, p.URL(), func(c *Config) { c.Environ = append(c.Environ, "GOMODCACHE="+cache) })
	b.get(0, hello+"/@v/v1.0.0.mod")
	b.get(0, hello+"/@v/v1.0.0.info")
	f, ok := b.relay.Rejected()
	if !ok || f.Module != hello || f.File != "mod" || !b.relay.Unproven() {
		t.Errorf("%+v, %v", f, ok)
	}
	writeFile(t, cache+"/cache/download/"+hello+"/@v/v1.0.0.mod", "kept")
	if f, ok := b.relay.Rejected(); ok {
		t.Errorf("what go has kept: %+v", f)
	}
	b.relay.Again()
	if b.relay.Unproven() {
		t.Error("the next run begins with what the last one was given")
	}
}
