package relay

import (
	"context"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// A breaker remembers that an upstream fails, so that not every request pays
// for finding out. It is open after several failed questions in a row, or
// after one where nobody could be reached at all.
//
// While it is open, deadlines are shorter and retries fewer. The first request
// of an invocation probes; the others wait for what it finds. Only where "|"
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
	dead   bool    // in this invocation nobody could be reached
	lived  bool    // in this invocation it was asked to the end
	answer *answer // the last failure, for "|"
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

// caught reports whether its last question ended in a failure.
func (b *breaker) caught() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rec.Failures > 0
}

// ailing is the same of late: within the time for which an upstream that failed
// counts as down.
func (b *breaker) ailing() bool {
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

// enter is called before a question. It waits while another one probes. A
// returned answer is the remembered failure, where pipe allows it; else leave
// must be called with what was found.
func (b *breaker) enter(ctx context.Context, pipe bool) (skip *answer, leave func(*answer)) {
	for {
		b.mu.Lock()
		remembered := pipe && b.lived && b.answer != nil
		switch {
		case !b.tripped(), !remembered && (b.lived || b.cooled()):
			b.mu.Unlock()
			return nil, b.note
		case remembered && (!b.cooled() || b.probe != nil):
			defer b.mu.Unlock()
			return b.answer, nil
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

func (b *breaker) endProbe(a *answer) {
	b.note(a)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lived = true
	close(b.probe)
	b.probe = nil
}

// note takes the end of a question into account.
func (b *breaker) note(a *answer) {
	if a == nil || a.cancelled {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !a.down() {
		b.rec, b.dead, b.answer = record{}, false, nil
		b.health.set(b.name, b.rec)
		return
	}
	b.rec = record{Failures: b.rec.Failures + 1, Last: b.health.now()}
	b.answer, b.lived = a, true
	if a.failed.Class == classify.Timeout || a.failed.Unreachable() {
		b.dead = true
	}
	b.health.set(b.name, b.rec)
}
