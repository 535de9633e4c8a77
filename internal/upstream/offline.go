package upstream

import (
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/retry"
)

const (
	// offlineMemory is how long another invocation's finding counts: an editor
	// on a train starts several commands a minute.
	offlineMemory = 30 * time.Second
	// onlineMemory is how long an answer says that there is a network, in a process that
	// lives on.
	onlineMemory = time.Minute
)

// An offline tells having no network from having a flaky one: nobody can be
// reached, and nobody has answered anything in this command, or of late.
type offline struct {
	limit    time.Duration
	health   *health
	standing bool // an answer counts for onlineMemory only

	mu       sync.Mutex
	answered time.Time // last; zero: never
	since    time.Time // of the first failure without an answer since
	gaveUp   bool
}

// heard notes that somebody answered: this is not offline.
func (o *offline) heard(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.online(now) {
		o.health.online()
	}
	o.answered, o.since, o.gaveUp = now, time.Time{}, false
}

// online reports whether somebody has answered; the lock is held.
func (o *offline) online(now time.Time) bool {
	return !o.answered.IsZero() && (!o.standing || now.Sub(o.answered) < onlineMemory)
}

// left returns how much of the time without a network is left, where a failure at
// began says that nobody answers; retry.Online where somebody does.
func (o *offline) left(f classify.Failure, began, now time.Time) time.Duration {
	if !f.Unreachable() {
		return retry.Online
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.online(now) {
		return retry.Online
	}
	if o.since.IsZero() {
		o.since = began
	}
	if o.gaveUp || o.health.wasOffline(now) {
		return 0
	}
	return max(0, o.limit-now.Sub(o.since))
}

// giveUp notes that a failure was not waited for any longer.
func (o *offline) giveUp(f classify.Failure, now time.Time) {
	if o.left(f, now, now) == retry.Online {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gaveUp = true
	o.health.offline(now)
}

// past reports whether nobody could be reached for longer than some limit.
func (o *offline) past(limit time.Duration, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.online(now) && !o.since.IsZero() && now.Sub(o.since) > limit-retry.LastTry
}

// found reports whether no network was met, and nothing since that would say otherwise.
func (o *offline) found(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.gaveUp && !o.online(now)
}
