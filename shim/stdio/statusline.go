package stdio

import (
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// A StatusLine is one line at the bottom of a terminal, drawn over itself, for what
// takes long. It is gone before anything else is written there, and at the end without
// a trace. A nil one draws nothing.
type StatusLine struct {
	w     io.Writer
	width func() int

	mu    sync.Mutex
	drawn bool // it is there
	open  bool // the last line that is to stay has no end yet: a prompt
	ended bool
}

// ShowStatus gives the printer's standard error, a terminal, a status line.
func (p *Printer) ShowStatus() {
	p.status.Store(&StatusLine{w: p.Err, width: func() int {
		if width, _, err := term.GetSize(int(p.Err.Fd())); err == nil && width > 0 {
			return width
		}
		return 80
	}})
}

// Status returns the status line, nil if there is none.
func (p *Printer) Status() *StatusLine { return p.status.Load() }

// redrawEvery is often enough for numbers that a person reads.
const redrawEvery = 250 * time.Millisecond

// Follow draws what text says, again and again, until stop is called.
func (s *StatusLine) Follow(text func(now time.Time) string) (stop func()) {
	if s == nil {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(redrawEvery) // a rate is a thing of time: it changes while nothing happens
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				s.draw(text(now))
			}
		}
	}()
	return func() {
		close(done)
		<-gone
		s.draw("")
	}
}

// End removes the status line for good.
func (s *StatusLine) End() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.ended = true
}

// write writes what is to stay.
func (s *StatusLine) write(f *os.File, b []byte) (int, error) {
	if s == nil || len(b) == 0 {
		return f.Write(b)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.open = b[len(b)-1] != '\n'
	return f.Write(b)
}

// draw shows a text in the place of the one before; "" is none.
func (s *StatusLine) draw(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open || s.ended {
		return
	}
	if text == "" {
		s.clear()
		return
	}
	if runes := []rune(text); len(runes) >= s.width() {
		text = string(runes[:max(0, s.width()-1)]) // a full line would wrap, and could not be drawn over
	}
	io.WriteString(s.w, "\r"+text+"\x1b[K")
	s.drawn = true
}

// clear removes the status line; the lock is held.
func (s *StatusLine) clear() {
	if s.drawn {
		io.WriteString(s.w, "\r\x1b[K")
		s.drawn = false
	}
}
