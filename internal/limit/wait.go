package limit

import (
	"sync"
	"time"
)

// A Wait is a wait budget: the wall-clock time that one invocation may lose to
// failures. What is lost side by side counts once.
type Wait struct {
	Total time.Duration

	mu    sync.Mutex
	spent time.Duration
	until time.Time // up to when it is already accounted for
	since time.Time // when the first wait that a rule's wait-for asks for began; zero: none has
}

// Left returns what is left at a moment, where the time since begin is lost.
func (b *Wait) Left(begin, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Total - b.spent - b.cost(begin, now)
}

// Spend accounts for the time from begin to end. It reports whether that is
// still within the budget; what is not is not accounted for.
func (b *Wait) Spend(begin, end time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	cost := b.cost(begin, end)
	if b.spent+cost > b.Total {
		return false
	}
	b.spent += cost
	if end.After(b.until) {
		b.until = end
	}
	return true
}

// cost is what of a time is not accounted for; the lock is held.
func (b *Wait) cost(begin, end time.Time) time.Duration {
	if begin.Before(b.until) {
		begin = b.until
	}
	return max(0, end.Sub(begin))
}

// earned is what a good answer gives back: as long as the command gets on, its
// losses do not add up to giving up, however large the download is.
const earned = time.Second

// Earn notes a good answer.
func (b *Wait) Earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(0, b.spent-earned)
}

// BePatient notes a wait that a rule's wait-for asks for: no loss, but what the
// rule gives is for one invocation, not for each of hundreds of requests.
func (b *Wait) BePatient(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		b.since = now
	}
}

// PatientSince returns when the patience that counts began; own is when the
// request's own did.
func (b *Wait) PatientSince(own time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		return own
	}
	return b.since
}
