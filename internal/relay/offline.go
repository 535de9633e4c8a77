package relay

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

// left returns how much of the time without a network is left, where a failure at
// began says that nobody answers; retry.Online where somebody does.
func (o *offline) left(f classify.Failure, began, now time.Time) time.Duration {
	if !f.Unreachable() {
		return retry.Online
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.answered {
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
	return !o.answered && !o.since.IsZero() && now.Sub(o.since) > limit-retry.LastTry
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
