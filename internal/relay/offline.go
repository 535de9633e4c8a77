package relay

import (
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
)

const (
	// offlineMemory is how long another invocation's finding counts: an editor
	// on a train starts several commands a minute.
	offlineMemory = 30 * time.Second
	// lastTry is the shortest rest of the offline time worth one more try.
	lastTry = 500 * time.Millisecond
)

// An offline tells having no network from having a flaky one: nobody can be
// reached, and nobody has answered anything in this invocation.
type offline struct {
	mu       sync.Mutex
	limit    time.Duration
	answered bool
	since    time.Time // of the first failure
	health   *health
	gaveUp   bool
}

// heard notes that somebody answered: this is not offline.
func (o *offline) heard() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.answered {
		o.answered = true
		o.health.online()
	}
}

// cap shortens a wait where there is no network; false means not to wait.
func (o *offline) cap(f classify.Failure, began, now time.Time, wait time.Duration) (time.Duration, bool) {
	if !f.Unreachable() {
		return wait, true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.answered {
		return wait, true
	}
	if o.since.IsZero() {
		o.since = began
	}
	left := o.limit - now.Sub(o.since)
	if o.gaveUp || left < lastTry || o.health.wasOffline(now) {
		o.gaveUp = true
		o.health.offline(now)
		return 0, false
	}
	return min(wait, left), true
}

// past reports whether nobody could be reached for longer than some limit.
func (o *offline) past(limit time.Duration, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.answered && !o.since.IsZero() && now.Sub(o.since) > limit-lastTry
}

// found reports whether this invocation has met no network, and nothing since
// that would say otherwise.
func (o *offline) found() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.gaveUp && !o.answered
}

// Offline reports whether this machine was found to have no network. Behind "|"
// go asks others by itself, and of them the relay hears nothing: a proxy that
// cannot be reached says little then.
func (r *Relay) Offline() bool {
	for i, e := range r.entries {
		if e.end == nil && i > 0 && r.entries[i-1].proxy.FallBackOnError {
			return false
		}
	}
	return r.offline.found()
}
