package relay

import (
	"context"
	"sync"
)

// extraRetries is how many retries an upstream may get beyond the number of
// its good answers: flakiness is outlived, and a service that falls over is
// not asked more than before.
const extraRetries = 20

// An allowance is how often one upstream may be asked again.
type allowance struct {
	mu     sync.Mutex
	good   int        // answers that were fine, or that were final and the server's own
	spent  int        // requests beyond the first of a question
	trying int        // of them, those that are not yet at their end
	turn   *sync.Cond // signalled when one of them ends; its lock is mu
}

func newAllowance() *allowance {
	a := new(allowance)
	a.turn = sync.NewCond(&a.mu)
	return a
}

// take takes one retry.
func (a *allowance) take() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.spent >= a.good+extraRetries {
		return false
	}
	a.spent++
	return true
}

// await is take that waits, where too many failed at once, for what becomes of
// those that may ask again: their success earns the others a retry too, so that a
// short outage that met a hundred requests is outlived by all of them, and a long
// one is asked no more often. end must be called after the retry that was granted.
func (a *allowance) await(ctx context.Context) bool {
	stop := context.AfterFunc(ctx, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.turn.Broadcast()
	})
	defer stop()
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.spent >= a.good+extraRetries {
		if a.trying == 0 || ctx.Err() != nil {
			return false
		}
		a.turn.Wait()
	}
	a.spent++
	a.trying++
	return true
}

// end notes that a retry has come to its end, whatever that was.
func (a *allowance) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trying--
	a.turn.Broadcast()
}

// earn notes an answer that needs no retry. It must come before the end of the
// retry that got it, which is when those who wait look again.
func (a *allowance) earn() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.good++
}

// touched reports whether any retry was needed.
func (a *allowance) touched() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.spent > 0
}

// strained reports whether it were better not to ask for more at a time: broken
// streams are lived with, a service that has trouble with every second request is
// spared.
func (a *allowance) strained() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return 2*a.spent > a.good
}
