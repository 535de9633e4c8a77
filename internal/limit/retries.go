package limit

import (
	"context"
	"sync"
)

// extraRetries is how many retries an upstream may get side by side beyond the number
// of its good answers.
const extraRetries = 20

// mostSaved is how many good answers count for retries to come: in a process that lives
// on, those of last week say nothing.
const mostSaved = 1000

// Retries is a retry budget: an upstream gets no more retries than it gave good
// answers, and a few. What is beyond that is not refused, since a short outage meets
// many requests at once; it is made one at a time. Flakiness is outlived, and a service
// that falls over is not asked more than before.
type Retries struct {
	mu    sync.Mutex
	good  int // answers that were fine, or that were final and the server's own
	spent int
	more  chan struct{} // closed by the next good answer
	alone chan struct{} // has an element while a retry beyond the budget runs
}

// NewRetries returns a budget.
func NewRetries() *Retries { return &Retries{alone: make(chan struct{}, 1), more: make(chan struct{})} }

// Try takes one retry, if the budget allows for it. It is for what is not needed.
func (b *Retries) Try() bool {
	_, ok := b.take()
	return ok
}

// TryAlone takes a retry that must be the only one of its kind. release must be called
// at its end.
func (b *Retries) TryAlone() (release func(Result), ok bool) {
	select {
	case b.alone <- struct{}{}:
		return b.releaseAlone, true
	default:
		return nil, false
	}
}

// Acquire takes a retry; beyond the budget it waits until it is the only one, or until
// others have earned it. release must be called at its end.
func (b *Retries) Acquire(ctx context.Context) (release func(Result), err error) {
	for {
		more, ok := b.take()
		if ok {
			return func(Result) {}, nil
		}
		select {
		case b.alone <- struct{}{}:
			return b.releaseAlone, nil
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take takes a retry if the budget allows for it; else it may after more is closed.
func (b *Retries) take() (more <-chan struct{}, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.spent >= b.good+extraRetries {
		return b.more, false
	}
	b.spent++
	return nil, true
}

func (b *Retries) releaseAlone(Result) { <-b.alone }

// Earn notes an answer that needs no retry.
func (b *Retries) Earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.good = min(b.good+1, b.spent+mostSaved)
	close(b.more)
	b.more = make(chan struct{})
}

// Touched reports whether any retry was needed.
func (b *Retries) Touched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spent > 0
}

// Strained reports whether it were better not to ask for more at a time: broken
// streams are lived with, a service that has trouble with every second request is
// spared.
func (b *Retries) Strained() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return 2*b.spent > b.good
}
