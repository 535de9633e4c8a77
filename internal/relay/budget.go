package relay

import (
	"sync"
	"time"
)

// A budget is the wall-clock time that one invocation may lose to failures.
// What is lost side by side counts once.
type budget struct {
	mu    sync.Mutex
	total time.Duration
	spent time.Duration
	until time.Time // up to when it is already accounted for
	since time.Time // when the first wait that a rule's wait-for asks for began; zero: none has
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

// earned is what a good answer gives back: as long as the command gets on, its
// losses do not add up to giving up, however large the download is.
const earned = time.Second

func (b *budget) earn() {
	b.mu.Lock()
	b.spent = max(0, b.spent-earned)
	b.mu.Unlock()
}

// bePatient notes a wait that a rule's wait-for asks for: no loss, but what the
// rule gives is for one invocation, not for each of hundreds of questions.
func (b *budget) bePatient(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		b.since = now
	}
}

// patientSince returns when the patience that counts began; own is when the
// question's own did.
func (b *budget) patientSince(own time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		return own
	}
	return b.since
}
