package gateway

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
)

// Who looks for the carrier of the checksum database waits for its answer as long as
// they like, not as long as whoever came first does.
func TestCarrierHoldsNobodyUp(t *testing.T) {
	asked := make(chan struct{}, 2)
	k := &carrier{name: "sum.example", now: time.Now, list: make([]proxylist.Proxy, 1), ends: []*endpoint{{}}}
	k.ask = func(ctx context.Context, _ *endpoint, _ modproxy.Item, _ bool) reply {
		asked <- struct{}{}
		<-ctx.Done()
		return reply{err: ctx.Err(), release: func() {}}
	}
	patient, leave := context.WithCancel(context.Background())
	first := make(chan error)
	go func() {
		_, err := k.find(patient)
		first <- err
	}()
	<-asked
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := k.find(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("the one who left got %v", err)
	}
	leave()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the patient one got %v", err)
	}
	if _, known := k.remembered(); known {
		t.Error("a failure was remembered")
	}
}

// Whoever leaves while the list is walked learns nothing, also where "|" follows: it is not
// the database itself that is asked from then on.
func TestNobodyIsFoundInVain(t *testing.T) {
	k := &carrier{name: "sum.example", now: time.Now, list: []proxylist.Proxy{{FallBackOnError: true}, {Kind: proxylist.Direct}}, ends: []*endpoint{{}, nil}}
	ctx, leave := context.WithCancel(t.Context())
	k.ask = func(ctx context.Context, _ *endpoint, _ modproxy.Item, _ bool) reply {
		leave()
		return reply{err: ctx.Err(), release: func() {}}
	}
	if _, err := k.find(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the one who left got %v", err)
	}
	if _, known := k.remembered(); known {
		t.Error("it was remembered that nobody carries the database")
	}
}
