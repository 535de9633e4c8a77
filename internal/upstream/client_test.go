package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/faultproxy"
	"github.com/gosteady/gosteady/internal/instant"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/modtest"
)

var helloZip = modproxy.Item{Kind: modproxy.Zip, Mod: module.Version{Path: hello, Version: "v1.0.0"}}

// serving is the address of a proxy that has a module, and fails by rules.
func serving(t *testing.T, rules string) (*faultproxy.Proxy, *url.URL) {
	t.Helper()
	store := faultproxy.NewStore()
	if err := store.Add(hello, "v1.0.0", map[string]string{"hello.go": "package hello\n"}); err != nil {
		t.Fatal(err)
	}
	p := modtest.Proxy(t, faultproxy.Config{Content: store, Rules: rules})
	base, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	return p, base
}

// group is one with a clock that lets every wait pass at once.
func group(t *testing.T, c Config) (*Group, *instant.Clock) {
	t.Helper()
	clock := instant.New()
	c.Clock, c.Rand = clock, func() float64 { return 0.5 }
	g := NewGroup(c)
	t.Cleanup(g.Close)
	return g, clock
}

// TestFetch: a zero request of a zero configuration gets through what passes, and gives
// its body back.
func TestFetch(t *testing.T) {
	p, base := serving(t, "**.zip first=2 status=500\n**.zip only=3 flip")
	g, _ := group(t, Config{})
	f, err := g.Proxy(base).Fetch(t.Context(), Request{Item: helloZip})
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(f.Body.Reader()); err != nil || int64(len(data)) != f.Body.Size() || len(data) == 0 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	equal(t, "asked", p.Count("**.zip"), 4)
	f.Release()
	equal(t, "held", g.Bodies().Used(), 0)
}

// TestFetchFails: a failure is an error that tells what it is.
func TestFetchFails(t *testing.T) {
	for rules, want := range map[string]error{
		"** status=404":      fs.ErrNotExist,
		"** status=500":      classify.ServerError,
		"** reset after=0":   classify.Reset,
		"** html":            classify.BadContent,
		"** status=403":      classify.Forbidden,
		"** status=429":      classify.RateLimited,
		"** instead=/" + "x": fs.ErrNotExist,
	} {
		_, base := serving(t, rules)
		g, _ := group(t, Config{})
		_, err := g.Proxy(base).Fetch(t.Context(), Request{Item: helloZip})
		var failure classify.Failure
		if !errors.Is(err, want) || !errors.As(err, &failure) || failure.Module != hello {
			t.Errorf("%s: %v (%+v), want %v", rules, err, failure, want)
		}
		var invalid *modproxy.Invalid
		if errors.As(err, &invalid) != (want == classify.BadContent) {
			t.Errorf("%s: %+v", rules, invalid)
		}
		asError(err).Release()
		equal(t, rules+": held", g.Bodies().Used(), 0)
	}
}

// TestOwnBudgets: without a budget for all, each fetch has one, so that a process that
// lives on never runs out of it.
func TestOwnBudgets(t *testing.T) {
	for name, tt := range map[string]struct {
		shared *limit.Wait
		own    *limit.Wait
		asked  int // by each of two fetches one after the other
		again  int
	}{
		"of the policy": {nil, nil, 5, 5},
		"shared":        {&limit.Wait{Total: 16 * time.Second}, nil, 5, 2},
		"of a request":  {&limit.Wait{Total: time.Hour}, &limit.Wait{Total: 2 * time.Second}, 3, 2},
	} {
		p, base := serving(t, "**.zip status=500")
		g, _ := group(t, Config{Wait: tt.shared})
		for i, want := range []int{tt.asked, tt.again} {
			p.Forget()
			_, err := g.Proxy(base).Fetch(t.Context(), Request{Item: helloZip, Wait: tt.own})
			if !errors.Is(err, classify.ServerError) {
				t.Error(err)
			}
			equal(t, fmt.Sprint(name, " ", i), p.Count("**.zip"), want)
		}
	}
}

// TestSideBySide: several clients of one group serve many requests, of which some are
// cancelled, and nothing is held at the end.
func TestSideBySide(t *testing.T) {
	g, _ := group(t, Config{Standing: true})
	var all sync.WaitGroup
	for range 3 {
		_, base := serving(t, "** chance=0.2 seed=1 status=502\n** chance=0.1 seed=2 cut")
		for i := range 20 {
			all.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if i%5 == 0 {
					cancel()
				}
				f, err := g.Proxy(base).Fetch(ctx, Request{Item: helloZip, Reason: journal.Asked})
				switch {
				case err == nil:
					f.Release()
				case ctx.Err() != nil:
					equal(t, "cancelled", errors.Is(err, context.Canceled), true)
				default:
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	equal(t, "held", g.Bodies().Used(), 0)
}

// TestStandingOffline: what was answered an hour ago says nothing of the network now.
func TestStandingOffline(t *testing.T) {
	for _, standing := range []bool{false, true} {
		_, base := serving(t, "")
		g, clock := group(t, Config{Standing: standing})
		f, err := g.Proxy(base).Fetch(t.Context(), Request{Item: helloZip})
		if err != nil {
			t.Fatal(err)
		}
		f.Release()
		clock.Sleep(t.Context(), time.Hour)
		dead := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
		_, err = g.Proxy(dead).Fetch(t.Context(), Request{Item: helloZip})
		equal(t, "refused", errors.Is(err, classify.Connect), true)
		equal(t, fmt.Sprint("offline, standing ", standing), g.Offline(), standing)
	}
}

// TestBudgetInAnOutage: a fetch waits for an upstream that is down no longer than its own
// budget, and fails with the failure that it waited for.
func TestBudgetInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGroup(Config{})
		c := g.Proxy(&url.URL{Scheme: "http", Host: "proxy.test"})
		failed := &Error{Failure: classify.Failure{Class: classify.ServerError, Status: http.StatusBadGateway}}
		outage := c.outages[0]
		outage.Vote = func(limit.Spell) (time.Duration, bool) { return time.Hour, true }
		for _, module := range []string{"a", "b"} {
			outage.Pass()(limit.Result{Sign: limit.Troubled, Status: failed.Failure.Status, Module: module, Err: failed})
		}
		began := time.Now()
		_, err := c.Fetch(t.Context(), Request{Item: helloZip, Wait: &limit.Wait{Total: 3 * time.Second}})
		equal(t, "waited", time.Since(began), 3*time.Second)
		equal(t, "failed", errors.Is(err, classify.ServerError), true)
	})
}
