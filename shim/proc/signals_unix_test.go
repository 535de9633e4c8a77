//go:build unix

package proc

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

func newSignals() *Signals {
	s := NewSignals()
	s.begin.Do(func() {}) // these are handled by hand
	return s
}

// A signal that comes while a child is being started reaches it all the same.
func TestSignalBeforeChild(t *testing.T) {
	s := newSignals()
	s.handle(syscall.SIGWINCH)
	if s.Asked() {
		t.Error("a new window size asks nobody to end")
	}
	s.handle(syscall.SIGTERM)
	s.handle(syscall.SIGINT)
	if s.Context().Err() == nil {
		t.Error("waits go on")
	}
	if s.First() != syscall.SIGTERM || s.Missed() != syscall.SIGTERM {
		t.Errorf("first %v, unheard %v", s.First(), s.Missed())
	}
	c, err := s.Start(Command{Path: "/bin/sleep", Args: []string{"60"}, Files: [3]*os.File{nil, os.Stdout, os.Stderr}})
	if err != nil {
		t.Skip(err)
	}
	if e, err := c.Wait(); err != nil || e.Signal != syscall.SIGTERM {
		t.Errorf("%+v, %v", e, err)
	}
	if s.Missed() != nil || !s.Asked() {
		t.Error("the child got it")
	}
	s.Ended()
	if s.handle(syscall.SIGHUP); s.Missed() != syscall.SIGHUP {
		t.Error("nobody got the second one")
	}
}

func TestDeathBy(t *testing.T) {
	if e := DeathBy(syscall.SIGINT); e.Signal != syscall.SIGINT {
		t.Errorf("%+v", e)
	}
	if e := DeathBy(syscall.SIGQUIT); e != (Ending{Code: 2}) {
		t.Errorf("%+v: go prints its stacks and exits", e)
	}
}

func TestRelease(t *testing.T) {
	s := NewSignals()
	if sig := s.Release(); sig != nil {
		t.Error(sig)
	}
	if sig := s.Release(); sig != nil { // harmless where the real go could not be started
		t.Error(sig)
	}
}

func TestIgnored(t *testing.T) {
	if ignored(syscall.SIGUSR2) {
		t.Skip("ignored where these tests run")
	}
	signal.Ignore(syscall.SIGUSR2)
	defer signal.Reset(syscall.SIGUSR2)
	if !ignored(syscall.SIGUSR2) && !signal.Ignored(syscall.SIGUSR2) {
		t.Error("not seen")
	}
}
