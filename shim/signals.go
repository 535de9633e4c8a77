package shim

import (
	"os"
	"os/signal"
	"sync"
)

// A relayed signal goes from us to the child. We have no opinion on it: go
// itself counts only the first interrupt, and the terminal has sent it to both.
// One that asks us to end while there is no child ends us instead, as it would
// have ended go.
type signals struct {
	ch          chan os.Signal
	interrupted chan struct{} // closed on the first signal that asks us to end
	ready       chan struct{} // closed when all of them are caught
	done        chan struct{} // closed when nothing is forwarded any more
	begin, end  sync.Once

	mu     sync.Mutex
	child  *child
	first  os.Signal // the first that asked us to end
	missed os.Signal // asked us to end while there was no child
}

// watchSignals will catch what we forward, from the first child on. That takes a
// millisecond, most of it waiting for the runtime, and the child does not wait for
// it where a child ends with us: until then a signal does to us what it does to go.
func watchSignals() *signals {
	return &signals{ch: make(chan os.Signal, 16), interrupted: make(chan struct{}), ready: make(chan struct{}), done: make(chan struct{})}
}

// catch leaves ignored what was ignored when we were started, for the child too.
func (s *signals) catch() {
	defer close(s.ready)
	go s.forward()
	for _, sig := range forwarded {
		if !signal.Ignored(sig) && !ignored(sig) {
			signal.Notify(s.ch, sig)
		}
	}
	keepPipeErrors(s.ch)
}

func (s *signals) forward() {
	defer close(s.done)
	for sig := range s.ch {
		s.handle(sig)
	}
}

func (s *signals) handle(sig os.Signal) {
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
		close(s.interrupted)
	}
}

// prepare is called before a child is started. One that would outlive us needs the
// signals to be caught by then.
func (s *signals) prepare() {
	if !diesWithUs {
		s.begin.Do(s.catch)
	}
}

// to names the child that signals go to; nil while there is none, as between
// two runs. A signal that came while the child was being started is not lost.
func (s *signals) to(c *child) {
	s.begin.Do(func() { go s.catch() })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.child = c
	if c != nil && s.missed != nil && pass(s.missed, c) {
		s.missed = nil
	}
}

// asked reports whether we were asked to end.
func (s *signals) asked() bool { return s.firstAsked() != nil }

// firstAsked returns the first signal that asked us to end, nil if none did.
func (s *signals) firstAsked() os.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.first
}

// unheard returns the signal that asked us to end while there was no child to
// pass it to, nil if there is none.
func (s *signals) unheard() os.Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missed
}

// release gives up catching signals, for the real go to replace us, and
// returns what unheard would.
func (s *signals) release() os.Signal {
	s.begin.Do(s.catch)
	s.end.Do(func() {
		<-s.ready
		signal.Stop(s.ch)
		close(s.ch)
		<-s.done
	})
	return s.unheard()
}
