package httpprobe

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/goenv"
)

func TestSumDBAddress(t *testing.T) {
	for setting, want := range map[string]string{
		"sum.golang.org":                      "sum.golang.org https://sum.golang.org",
		"sum.golang.google.cn":                "sum.golang.org https://sum.golang.google.cn",
		"db.example+key https://mirror/x":     "db.example https://mirror/x",
		"sum.golang.org https://corp.example": "sum.golang.org https://corp.example",
		"off":                                 "",
	} {
		name, u, ok := sumdbAddress(goenv.Read([]string{"GOENV=off", "GOSUMDB=" + setting}, ""))
		got := ""
		if ok {
			got = name + " " + u.String()
		}
		if got != want {
			t.Errorf("GOSUMDB=%s: %q, want %q", setting, got, want)
		}
	}
}

// serve starts a server, and returns a client for it and its address.
func serve(t *testing.T, timeout time.Duration, h http.HandlerFunc) (*Client, *url.URL) {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := NewClient(goenv.Read([]string{"GOENV=off", "GOAUTH=off"}, ""), nil, timeout, nil)
	c.transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	return c, u
}

// Each question is one request on a connection of its own, whatever the answer.
func TestNothingIsRepeated(t *testing.T) {
	asked := 0
	c, u := serve(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Error(w, "upstream trouble", http.StatusServiceUnavailable)
	})
	got := c.Get(t.Context(), u, false)
	if asked != 1 || got.OK() || got.Reached() || got.Status != 503 || got.Failure.Class != classify.ServerError {
		t.Errorf("asked %d times: %+v", asked, got)
	}
	if got.Issuer != "Acme Co" || got.Timing.TLS <= 0 || got.Timing.Total < got.Timing.FirstByte {
		t.Errorf("%+v", got)
	}
	if got := c.Head(t.Context(), u); asked != 2 || got.Body != "" || got.Timing.Connect <= 0 {
		t.Errorf("asked %d times: %+v", asked, got)
	}
}

func TestTheEndOfPatienceIsATimeout(t *testing.T) {
	c, u := serve(t, 20*time.Millisecond, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	if got := c.Get(t.Context(), u, false); got.Status != 0 || got.Failure.Class != classify.Timeout || got.Failure.Evidence != "no answer within 20ms" {
		t.Errorf("%+v", got)
	}
}

// The go command does not follow a redirect to plain http, nor do we.
func TestDowngradeIsRefused(t *testing.T) {
	c, u := serve(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Host, http.StatusFound)
	})
	if got := c.Get(t.Context(), u, false); got.Reached() || !strings.Contains(got.Failure.Evidence, "insecure") {
		t.Errorf("%+v", got)
	}
}
