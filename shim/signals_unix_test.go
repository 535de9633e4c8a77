//go:build unix

package shim

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

func newSignals() *signals {
	s := &signals{ch: make(chan os.Signal, 1), interrupted: make(chan struct{}), done: make(chan struct{})}
	s.begin.Do(func() {}) // these are handled by hand
	return s
}

// A signal that comes while a child is being started reaches it all the same.
func TestSignalBeforeChild(t *testing.T) {
	s := newSignals()
	s.handle(syscall.SIGWINCH)
	if s.asked() {
		t.Error("a new window size asks nobody to end")
	}
	s.handle(syscall.SIGTERM)
	s.handle(syscall.SIGINT)
	select {
	case <-s.interrupted:
	default:
		t.Error("waits go on")
	}
	if s.firstAsked() != syscall.SIGTERM || s.unheard() != syscall.SIGTERM {
		t.Errorf("first %v, unheard %v", s.firstAsked(), s.unheard())
	}
	p, err := os.StartProcess("/bin/sleep", []string{"sleep", "60"}, &os.ProcAttr{})
	if err != nil {
		t.Skip(err)
	}
	c := &child{proc: p}
	s.to(c)
	if e, err := c.wait(nil); err != nil || e.signal != syscall.SIGTERM {
		t.Errorf("%+v, %v", e, err)
	}
	if s.unheard() != nil || !s.asked() {
		t.Error("the child got it")
	}
	s.to(nil)
	if s.handle(syscall.SIGHUP); s.unheard() != syscall.SIGHUP {
		t.Error("nobody got the second one")
	}
}

func TestDeathBy(t *testing.T) {
	if e := deathBy(syscall.SIGINT); e.signal != syscall.SIGINT {
		t.Errorf("%+v", e)
	}
	if e := deathBy(syscall.SIGQUIT); e != (ending{code: 2}) {
		t.Errorf("%+v: go prints its stacks and exits", e)
	}
}

func TestRelease(t *testing.T) {
	s := watchSignals()
	if sig := s.release(); sig != nil {
		t.Error(sig)
	}
	if sig := s.release(); sig != nil { // harmless where the real go could not be started
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
