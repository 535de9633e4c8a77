package relay

import (
	"context"
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

// awaitRetry is mayRetry that waits, where too many failed at once, for what
// becomes of those that may ask again: their success earns the others a retry
// too, so that a short outage that met a hundred requests is outlived by all of
// them, and a long one is asked no more often. endTry must be called after the
// retry that was granted.
func (u *upstream) awaitRetry(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.turn.Broadcast()
	})
	defer stop()
	u.mu.Lock()
	defer u.mu.Unlock()
	for u.retries >= u.good+extraRetries {
		if u.trying == 0 || ctx.Err() != nil {
			return false
		}
		u.turn.Wait()
	}
	u.retries++
	u.trying++
	return true
}

// endTry notes that a retry has come to its end, whatever that was.
func (u *upstream) endTry() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.trying--
	u.turn.Broadcast()
}

// worked notes an answer that needs no retry, and whether it was a file.
func (u *upstream) worked(file bool, now time.Time) {
	u.mu.Lock()
	u.good++
	if file {
		u.served, u.lastFile = true, now
	}
	u.mu.Unlock()
}

// servingFor is how long a good answer says that an upstream is up.
const servingFor = 2 * time.Second

// serving reports whether the upstream has just given a file.
func (u *upstream) serving(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.served && now.Sub(u.lastFile) < servingFor
}
