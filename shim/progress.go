package shim

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/relay"
	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
)

// Progress is one line at the bottom of a terminal, drawn over itself, for
// downloads that take long. It is gone before anything else is written there,
// and at the end without a trace. Whatever we write to that terminal goes
// through its screen. Pipes and CI logs get no such line; a CI log gets one line
// at the end of a long download.

const (
	progressAfter = 3 * time.Second // a shorter download needs no progress
	progressEvery = 250 * time.Millisecond
	rateWindow    = 5 * time.Second
	summaryAfter  = 10 * time.Second
)

// A screen is a terminal that two write to: what is said to stay, and a status
// line below it. A nil screen is no terminal, and writes as it is told.
type screen struct {
	w     io.Writer
	width func() int

	mu    sync.Mutex
	shown bool // the status line is there
	open  bool // the last line that is to stay has no end yet: a prompt
	ended bool
}

// write writes what is to stay.
func (s *screen) write(f *os.File, b []byte) (int, error) {
	if s == nil || len(b) == 0 {
		return f.Write(b)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.open = b[len(b)-1] != '\n'
	return f.Write(b)
}

// draw shows a status line in the place of the one before; "" is none.
func (s *screen) draw(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open || s.ended {
		return
	}
	if line == "" {
		s.clear()
		return
	}
	if runes := []rune(line); len(runes) >= s.width() {
		line = string(runes[:max(0, s.width()-1)]) // a full line would wrap, and could not be drawn over
	}
	io.WriteString(s.w, "\r"+line+"\x1b[K")
	s.shown = true
}

// clear removes the status line; the lock is held.
func (s *screen) clear() {
	if s.shown {
		io.WriteString(s.w, "\r\x1b[K")
		s.shown = false
	}
}

// end removes the status line for good.
func (s *screen) end() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.ended = true
}

// newScreen returns the screen of a session, nil where there is none to draw
// on: not a terminal, one that cannot draw over a line, one that the child
// writes to without us, or one that git may ask a password on.
func (s *session) newScreen() *screen {
	getenv := s.plan.Getenv
	fd := int(s.stderr.Fd())
	switch {
	case s.ci || s.relay == nil || s.policy.Notify == policy.NotifyNever || !term.IsTerminal(fd):
		return nil
	case getenv("TERM") == "dumb" || getenv("TERM") == "" && runtime.GOOS != "windows" || !console.Draws(s.stderr) || getenv("GIT_TERMINAL_PROMPT") == "1" || s.say.debug:
		return nil
	case s.plan.Route == front.Pass:
		return nil
	case term.IsTerminal(int(s.stdout.Fd())) && !sameOpenFile(s.stdout, s.stderr):
		return nil
	}
	return &screen{w: s.stderr, width: func() int {
		if width, _, err := term.GetSize(fd); err == nil && width > 0 {
			return width
		}
		return 80
	}}
}

// watchProgress draws what the relay is doing until stop is called.
func (s *session) watchProgress() (stop func()) {
	if s.screen == nil {
		return func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		var m meter
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				s.screen.draw(m.line(s.relay.Progress(), now))
			}
		}
	}()
	return func() {
		close(done)
		<-gone
		s.screen.draw("")
	}
}

// A meter turns what the relay has done into a line for people.
type meter struct {
	samples []sample // the oldest first, of the last rateWindow
	began   time.Time
}

type sample struct {
	at    time.Time
	bytes int64
}

// line returns the present status, "" for none: before a download has taken
// long, and while nothing is downloaded.
func (m *meter) line(p relay.Progress, now time.Time) string {
	if m.began.IsZero() && (p.Bytes > 0 || p.Waiting != "") {
		m.began = now
	}
	m.samples = append(m.samples, sample{now, p.Bytes})
	for len(m.samples) > 2 && now.Sub(m.samples[1].at) >= rateWindow {
		m.samples = m.samples[1:]
	}
	if m.began.IsZero() || now.Sub(m.began) < progressAfter {
		return ""
	}
	oldest := m.samples[0]
	if p.Bytes == oldest.bytes && p.Waiting == "" && p.Done >= p.Total {
		return "" // go is at its own work
	}
	line := console.Prefix + modules(p) + ", " + mebibytes(p.Bytes)
	if elapsed := now.Sub(oldest.at).Seconds(); p.Bytes > oldest.bytes {
		line += ", " + mebibytes(int64(float64(p.Bytes-oldest.bytes)/elapsed)) + "/s"
	}
	if p.Waiting != "" {
		line += ", retrying " + mask.Line(p.Waiting)
	}
	return line
}

func modules(p relay.Progress) string {
	if p.Total >= p.Done && p.Total > 0 {
		return fmt.Sprintf("%d/%d modules", p.Done, p.Total)
	}
	return fmt.Sprintf("%d modules", p.Done)
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// summarize says in a CI log what a long download through the relay was.
func (s *session) summarize() {
	if !s.ci || s.policy.Notify == policy.NotifyNever {
		return
	}
	if line := summary(s.relay.Progress()); line != "" {
		s.say.line(line)
	}
}

func summary(p relay.Progress) string {
	if p.Took < summaryAfter || p.Done == 0 {
		return ""
	}
	return fmt.Sprintf("downloaded %d modules, %s in %.0fs", p.Done, mebibytes(p.Bytes), p.Took.Seconds())
}
