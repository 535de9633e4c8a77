// Package stdio carries what the real go prints to the user, and says what we say.
//
// An [Output] reads one stream of a child, line by line, and puts the names that a
// person knows into each. Its buffer passes the lines on, or, from the first line on
// that looks like a fetch failure, holds them back until it is known whether the failure
// is healed: then they are dropped, else written out. No line overtakes another. What
// one run of a command has passed on, the next does not repeat.
//
// Everything that is written goes through the one [Printer], which removes its
// [StatusLine] before. Lines of our own are lower-case, begin with "gosteady:", have no
// full stop, and go to standard error only.
package stdio

import (
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/mask"
)

// A Printer writes to the user's streams. It is safe for concurrent use.
type Printer struct {
	Err   *os.File // the user's standard error
	Quiet bool     // the policy wants silence
	Waits bool     // that is a repository's wish alone: what makes a command wait is told, since it may be in the same file
	Debug bool

	mu       sync.Mutex
	status   atomic.Pointer[StatusLine]
	progress dedup // go's progress lines, over all runs
	lines    dedup // all others that the runs of a command have passed on
}

// Line says one line, also where silence is wanted: the caller has asked for that.
func (p *Printer) Line(text string) {
	if text = mask.Line(text); !strings.HasPrefix(text, console.Prefix) {
		text = console.Prefix + text
	}
	p.Raw(text)
}

// Raw says a line of go's own, which go could not say.
func (p *Printer) Raw(text string) {
	p.Write([]byte(text + "\n")) // nobody to tell if standard error is gone
}

// Warn says a line unless silence is wanted.
func (p *Printer) Warn(text string) {
	if !p.Quiet {
		p.Line(text)
	}
}

// Wait says that something is waited for.
func (p *Printer) Wait(text string) {
	if p.Waits || !p.Quiet {
		p.Line(text)
	}
}

// Debugf says a decision under GOSTEADY_LOG=debug.
func (p *Printer) Debugf(format string, args ...any) {
	if p.Debug {
		p.Line("debug: " + fmt.Sprintf(format, args...))
	}
}

// TakeLog has package log, through which net/http speaks of servers that send more
// than they should, print as in cmd/go (main.go): the bare line.
func (p *Printer) TakeLog() {
	log.SetFlags(0)
	log.SetOutput(p)
}

// Write is for package log, which gives a whole line at a time.
func (p *Printer) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.copy(p.Err, line)
}

// copy writes to one of the user's files what is to stay there.
func (p *Printer) copy(f *os.File, b []byte) (int, error) { return p.status.Load().write(f, b) }

// news passes a progress line on that one run has printed so many times ("go:
// downloading …"), unless one before it has: neither a second run nor the command behind
// its warming step repeats what was said already.
func (p *Printer) news(line []byte, times int) {
	if !p.progress.seen(line, times) {
		p.copy(p.Err, line) // a reader that is gone is noticed at the next line that matters
	}
}
