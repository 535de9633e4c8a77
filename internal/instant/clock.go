// Package instant has the clock of tests: every wait passes at once, and how long it
// would have been is known.
package instant

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A Clock begins at the same time in every test. Use [New].
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

// New returns a clock.
func New() *Clock { return &Clock{now: time.Unix(1700000000, 0)} }

// Now is the time, which only waits and [Clock.Advance] change.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance lets time pass that nobody waits for.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Sleep waits, and returns the context's error.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Pause(d)
	return ctx.Err()
}

// Pause waits, and returns what a timer is to be set to in its place.
func (c *Clock) Pause(d time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return 0
}

// Waits are all waits, in their order.
func (c *Clock) Waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.waits)
}
