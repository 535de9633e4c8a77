package upstream

import (
	"context"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// A breaker remembers that an upstream fails, so that not every request pays
// for finding out. It is open after several failed fetches in a row, or
// after one where nobody could be reached at all.
//
// While it is open, deadlines are shorter and retries fewer. The first request
// of a command probes; the others wait for what it finds. Only where "|"
// follows an entry may a request be answered from memory: there go takes the
// next proxy after any failure. Elsewhere everyone is asked, since a skip must
// not look like an answer.
type breaker struct {
	name     string
	health   *health
	failures int           // in a row that open it
	cooldown time.Duration // until it is tried again

	mu     sync.Mutex
	loaded bool
	rec    record
	dead   bool   // in this process nobody could be reached
	lived  bool   // in this process it was asked to the end
	last   *Error // the last failure, for "|"
	probe  chan struct{}
}

// tripped reports whether the upstream failed often enough, and cooled whether
// that was long enough ago.
func (b *breaker) tripped() bool {
	if !b.loaded {
		b.loaded, b.rec = true, b.health.record(b.name)
	}
	return b.failures > 0 && (b.rec.Failures >= b.failures || b.dead)
}

// failed reports whether its last fetch ended in a failure.
func (b *breaker) failed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rec.Failures > 0
}

// failsNow is the same of late: within the time for which an upstream that failed
// counts as down.
func (b *breaker) failsNow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rec.Failures > 0 && !b.cooled()
}

func (b *breaker) cooled() bool { return b.health.now().Sub(b.rec.Last) >= b.cooldown }

// open reports whether the upstream counts as down.
func (b *breaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tripped() && !b.cooled()
}

// enter is called before a fetch. It waits while another one probes. A returned error is
// the remembered failure, where pipe allows it; else leave must be called with what the
// fetch ended in.
func (b *breaker) enter(ctx context.Context, pipe bool) (known *Error, leave func(error)) {
	for {
		b.mu.Lock()
		remembered := pipe && b.lived && b.last != nil
		switch {
		case !b.tripped(), !remembered && (b.lived || b.cooled()):
			b.mu.Unlock()
			return nil, b.note
		case remembered && (!b.cooled() || b.probe != nil):
			defer b.mu.Unlock()
			return b.last, nil
		case b.probe == nil:
			b.probe = make(chan struct{})
			b.mu.Unlock()
			return nil, b.endProbe
		}
		probe := b.probe
		b.mu.Unlock()
		select {
		case <-probe:
		case <-ctx.Done():
			return nil, b.note
		}
	}
}

func (b *breaker) endProbe(err error) {
	b.note(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lived = true
	close(b.probe)
	b.probe = nil
}

// note takes the end of a fetch into account. One that was cancelled says nothing.
func (b *breaker) note(err error) {
	e := asError(err)
	if err != nil && e == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if e == nil || !e.down() {
		b.rec, b.dead, b.last = record{}, false, nil
		b.health.set(b.name, b.rec)
		return
	}
	b.rec = record{Failures: b.rec.Failures + 1, Last: b.health.now()}
	b.last, b.lived = e, true
	if e.Failure.Class == classify.Timeout || e.Failure.Unreachable() {
		b.dead = true
	}
	b.health.set(b.name, b.rec)
}
