package retry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestLoop: each hook is called in its turn, once an attempt, until one is the last.
func TestLoop(t *testing.T) {
	n := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 1 {
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, strings.Repeat("x", n))
	}))
	defer srv.Close()
	var calls []string
	loop := Loop{
		Client: &http.Client{},
		Begin:  func(*http.Request) error { calls = append(calls, "begin"); return nil },
		Header: func(*http.Response) { calls = append(calls, "header") },
		Read: func(res *http.Response) error {
			body, _ := io.ReadAll(res.Body)
			calls = append(calls, "read "+string(body))
			return errors.New("not yet")
		},
		Next: func(_ context.Context, err error) (time.Duration, bool) {
			if err != nil {
				calls = append(calls, "broken")
			}
			return time.Hour, n < 3
		},
		Pause: func(d time.Duration) time.Duration { calls = append(calls, "pause "+d.String()); return 0 },
	}
	if err := loop.Run(t.Context(), srv.URL); err != nil {
		t.Fatal(err)
	}
	want := []string{"begin", "broken", "pause 1h0m0s", "begin", "header", "read xx", "pause 1h0m0s", "begin", "header", "read xxx"}
	if !slices.Equal(calls, want) {
		t.Errorf("%q\nwant %q", calls, want)
	}
	refused := errors.New("no permit")
	loop.Begin = func(*http.Request) error { return refused }
	if err := loop.Run(t.Context(), srv.URL); err != refused || n != 3 {
		t.Errorf("%v, %d requests", err, n)
	}
}
