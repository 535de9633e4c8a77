package relay

import (
	"sync"
	"time"
)

// extraRetries is how many retries an upstream may get beyond the number of
// its good answers: flakiness is outlived, and a service that falls over is
// not asked more than before.
const extraRetries = 20

// A budget is the wall-clock time that one invocation may lose to failures.
// What is lost side by side counts once.
type budget struct {
	mu    sync.Mutex
	total time.Duration
	spent time.Duration
	until time.Time // up to when it is already accounted for
}

// spend accounts for the time from begin to end. It reports whether that is
// still within the budget; what is not is not accounted for.
func (b *budget) spend(begin, end time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if begin.Before(b.until) {
		begin = b.until
	}
	cost := max(0, end.Sub(begin))
	if b.spent+cost > b.total {
		return false
	}
	b.spent += cost
	if end.After(b.until) {
		b.until = end
	}
	return true
}

// mayRetry takes one retry out of what an upstream may get.
func (u *upstream) mayRetry() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.retries >= u.good+extraRetries {
		return false
	}
	u.retries++
	return true
}

// worked notes an answer that needs no retry, and whether it was a file.
func (u *upstream) worked(file bool) {
	u.mu.Lock()
	u.good++
	u.served = u.served || file
	u.mu.Unlock()
}
