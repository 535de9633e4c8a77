package upstream

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/family"
)

func TestOneFamilyFails(t *testing.T) {
	for _, tt := range []struct {
		f    classify.Failure
		want bool
	}{
		{classify.Failure{Class: classify.TLSHandshake}, true},
		{classify.Failure{Class: classify.Timeout}, true},
		{classify.Failure{Class: classify.Reset}, true},
		{classify.HTTP(403, "", false).BehindRedirect(), true},
		{classify.HTTP(403, "", false), false},
		{classify.HTTP(404, "", false).BehindRedirect(), false},
		{classify.HTTP(503, "", false).BehindRedirect(), false},
		{classify.Failure{Class: classify.Truncated}, false},
	} {
		if got := oneFamily(tt.f); got != tt.want {
			t.Errorf("%+v: %v", tt.f, got)
		}
	}
}

// TestDialFailsOnce: a dial that failed once, where the next one by the same family did
// not, says nothing of what the host lacks.
func TestDialFailsOnce(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6: ", err)
	}
	defer l.Close()
	failed := false
	g := NewGroup(Config{World: World{
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if network == "tcp6" && !failed {
				failed = true
				return nil, errors.New("connection refused")
			}
			return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
		},
	}})
	const host = "mods.test"
	g.families.Failed(host, family.IPv4)
	conn, err := g.dial(t.Context(), "tcp", host+":443")
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	equal(t, "dialed once as asked", failed, true)
	equal(t, "the next one", g.families.Next(host), family.IPv6)
}
