package relay

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/goenv"
)

func TestStartRefuses(t *testing.T) {
	for _, list := range []string{"direct", "off", "file:///x", "http://u:p@proxy.example", "ftp://x", ",", "localhost"} {
		if b, err := tryOpen(t, list); !errors.Is(err, ErrNothingToRelay) {
			t.Errorf("%q: %v %v", list, b, err)
		}
	}
}

// A gateway of ours that runs is asked by go itself: what it answers, it has tried.
func TestStandingGateway(t *testing.T) {
	standing := func(c *Config) { c.Standing = func(u *url.URL) bool { return u.Port() == "7878" } }
	b := open(t, "http://127.0.0.1:7878/0|http://127.0.0.1:9,direct", standing)
	if list := b.relay.GOPROXY(); !strings.HasPrefix(list, "http://127.0.0.1:7878/0|http://127.0.0.1:") || strings.Contains(list, ":9,") {
		t.Errorf("the list is %s", list)
	}
	c := Config{Settings: goenv.Read([]string{"GOPROXY=http://127.0.0.1:7878/0,direct", "GOENV=off"}, "")}
	standing(&c)
	if r, err := Start(t.Context(), c); !errors.Is(err, ErrNothingToRelay) {
		t.Errorf("%v %v", r, err)
	}
}
