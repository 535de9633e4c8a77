package proc

import (
	"context"
	"os"
	"os/signal"
	"sync"
)

// Signals go from us to the child. We have no opinion on them: go itself counts only the
// first interrupt, and the terminal has sent it to both. One that asks us to end while
// there is no child ends us instead, as it would have ended go.
type Signals struct {
	ch     chan os.Signal
	ctx    context.Context // ends with the first signal that asks us to end
	cancel context.CancelFunc
	ready  chan struct{} // closed when all of them are caught
	done   chan struct{} // closed when nothing is forwarded any more
	begin  sync.Once
	end    sync.Once

	mu     sync.Mutex
	child  *Child
	first  os.Signal // the first that asked us to end
	missed os.Signal // asked us to end while there was no child
}

// NewSignals returns what will catch the signals that we forward, from the first child
// on. That takes a millisecond, most of it waiting for the runtime, and the child does
// not wait for it where a child ends with us: until then a signal does to us what it does
// to go.
func NewSignals() *Signals {
	s := &Signals{ch: make(chan os.Signal, 16), ready: make(chan struct{}), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Start starts the child that signals go to, until Ended. A signal that came meanwhile
// is not lost.
func (s *Signals) Start(cmd Command) (*Child, error) {
	if !diesWithUs { // it would outlive us if we were to end now
		s.begin.Do(s.catch)
	}
	c, err := Start(cmd)
	if err == nil {
		s.to(c)
	}
	return c, err
}

// Ended says that there is no child any more.
func (s *Signals) Ended() { s.to(nil) }

func (s *Signals) to(c *Child) {
	s.begin.Do(func() { go s.catch() })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.child = c
	if c != nil && s.missed != nil && pass(s.missed, c) {
		s.missed = nil
	}
}

// catch leaves ignored what was ignored when we were started, for the child too.
func (s *Signals) catch() {
	defer close(s.ready)
	go s.forward()
	for _, sig := range forwarded {
		if !signal.Ignored(sig) && !ignored(sig) {
			signal.Notify(s.ch, sig)
		}
	}
	keepPipeErrors(s.ch)
}

func (s *Signals) forward() {
	defer close(s.done)
	for sig := range s.ch {
		s.handle(sig)
	}
}

func (s *Signals) handle(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := pass(sig, s.child)
	if !ends(sig) {
		return
	}
	if !taken && s.missed == nil {
		s.missed = sig
	}
	if s.first == nil {
		s.first = sig
		s.cancel()
	}
}

// Context ends when we are asked to end. Then waits stop at once, and nothing is run
// again.
func (s *Signals) Context() context.Context { return s.ctx }

// Asked reports whether we were asked to end.
func (s *Signals) Asked() bool { return s.First() != nil }

// First returns the first signal that asked us to end, nil if none did.
func (s *Signals) First() os.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// Missed returns the signal that asked us to end while there was no child to pass it to,
// nil if there is none.
func (s *Signals) Missed() os.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missed
}

// Release gives up catching signals, for the real go to replace us, and returns what
// Missed would.
func (s *Signals) Release() os.Signal {
	s.begin.Do(s.catch)
	s.end.Do(func() {
		<-s.ready
		signal.Stop(s.ch)
		close(s.ch)
		<-s.done
	})
	return s.Missed()
}
