package limit

import (
	"context"
	"testing"
)

// TestRetries: within the budget retries run side by side, beyond it one at a time,
// and a good answer earns one more.
func TestRetries(t *testing.T) {
	b := NewRetries()
	for range extraRetries {
		if _, err := b.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if b.Try() {
		t.Error("a retry that is not needed, beyond the budget")
	}
	release, err := b.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Acquire(cancelled); err == nil {
		t.Error("two beyond the budget")
	}
	if _, ok := b.TryAlone(); ok {
		t.Error("two alone")
	}
	got := make(chan error)
	next := func() { _, err := b.Acquire(t.Context()); got <- err }
	go next()
	b.Earn()
	if err := <-got; err != nil {
		t.Error(err)
	}
	go next()
	release(Result{})
	if err := <-got; err != nil {
		t.Error(err)
	}
}
