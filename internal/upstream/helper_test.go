package upstream

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// An instant clock lets every wait pass at once, and knows how long it was.
type instant struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newInstant() *instant { return &instant{now: time.Unix(1700000000, 0)} }

func (c *instant) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *instant) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

func (c *instant) Pause(d time.Duration) time.Duration {
	c.Sleep(context.Background(), d)
	return 0
}

func equal(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		tb.Errorf("%s:\n got %s\nwant %s", what, strings.TrimSpace(g), strings.TrimSpace(w))
	}
}

func writeFile(tb testing.TB, name, text string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		tb.Fatal(err)
	}
	return name
}
