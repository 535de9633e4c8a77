package stdio

import (
	"errors"
	"io"
	"sync"
	"syscall"

	"github.com/gosteady/gosteady/classify"
)

// Bounds of what a buffer keeps in memory.
const (
	// maxHeld bounds what is held back; beyond it the output streams and the
	// command is not run again.
	maxHeld = 4 << 20
	// maxEvidence bounds what is kept of passed-on lines for the classifier.
	maxEvidence = 256 << 10
)

// A buffer is where an output's lines go. From the first suspect line on, they are
// held until somebody decides: they are dropped if the failure is healed, else
// written out.
type buffer struct {
	Options
	printer *Printer

	mu       sync.Mutex // held while the user's file is written to, so for as long as its reader likes
	said     Said       // without the text
	unread   func()     // called when nobody reads what is written
	held     []byte
	among    []heldNews // what of held is go's news, in its order
	holding  bool
	evidence []byte
	lines    tally // how often this run has said each, where it may be repeated
}

// A heldNews is a progress line that came while lines were held.
type heldNews struct {
	from, end int // where it is in held
	times     int
}

// begin readies the buffer for a run.
func (b *buffer) begin(unread func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unread, b.holding = unread, b.Hold > 0
}

// take passes a line on, or holds it. continued is true for the rest of a line
// whose beginning was passed on before.
func (b *buffer) take(line []byte, continued bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remember(line)
	if !b.holding && !b.said.Overflowed && !continued && b.Suspect != nil && b.Suspect(line) {
		b.holding = true
	}
	switch {
	case b.holding:
		b.keep(line)
	case continued || !b.printer.lines.seen(line, b.nth(line)):
		b.put(line)
	}
}

// news passes a progress line on, or holds it behind the lines that are held: no
// line changes places with another. What is for nobody is not in its way.
func (b *buffer) news(line []byte, times int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.holding || b.To == nil {
		b.printer.news(line, times)
		return
	}
	b.among = append(b.among, heldNews{len(b.held), len(b.held) + len(line), times})
	b.keep(line)
}

// keep holds a line, within bounds; the lock is held.
func (b *buffer) keep(line []byte) {
	b.held = append(b.held, line...)
	if b.Hold > 0 && len(b.held) > b.Hold || len(b.held) > max(b.Hold, maxHeld) {
		b.release()
		b.said.Overflowed = true
	}
}

// nth counts how often this run has said a line; the lock is held. Prompts do not
// count, nor do headers, under which something else may stand now.
func (b *buffer) nth(line []byte) int {
	if _, header := classify.Header(line); header || !b.Once || b.printer.lines.full() || line[len(line)-1] != '\n' {
		return 0
	}
	return b.lines.next(line)
}

// remember keeps the last lines for the classifier; the lock is held.
func (b *buffer) remember(line []byte) {
	if len(b.evidence)+len(line) > maxEvidence {
		b.evidence = append(b.evidence[:0], b.evidence[len(b.evidence)/2:]...)
	}
	b.evidence = append(b.evidence, line[:min(len(line), maxEvidence/2)]...)
}

// release writes out what is held; the lock is held.
func (b *buffer) release() {
	done := 0
	for _, n := range b.among {
		if done < n.from {
			b.put(b.held[done:n.from])
		}
		b.printer.news(b.held[n.from:n.end], n.times)
		done = n.end
	}
	if done < len(b.held) {
		b.put(b.held[done:])
	}
	b.held, b.among, b.holding = nil, nil, false
}

// flush writes out what is held.
func (b *buffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.release()
}

// drop forgets what is held and what was read, for a run whose failure is about to be
// healed. The next run does not download again what this one has, so what this one said
// of that is passed on.
func (b *buffer) drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.among {
		if line := b.held[n.from:n.end]; classify.IsProgress(line) {
			b.printer.news(line, n.times)
		}
	}
	b.held, b.among, b.holding, b.evidence = nil, nil, false, nil
}

// put writes what counts as a result; the lock is held.
func (b *buffer) put(text []byte) {
	b.said.Visible = true
	b.said.Size += int64(len(text))
	if b.To == nil || b.said.LostReader || b.said.Fault != nil {
		return
	}
	switch _, err := b.printer.copy(b.To, text); {
	case err == nil:
	case errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe):
		b.said.LostReader = true
		b.unread()
	default:
		b.said.Fault = err
	}
}

// Said is what came of an output. The zero value is that of a stream which we do not read.
type Said struct {
	Text       string // the end of what the child has said
	Visible    bool   // something that counts as a result was passed on
	Overflowed bool   // more was held than may be, so that a part of it was seen
	Size       int64  // of what was passed on, or would have been
	LostReader bool   // somebody did not read all of it
	Fault      error  // it cannot be written for another reason: the disk is full
}

// state returns what came of it so far.
func (b *buffer) state() Said {
	b.mu.Lock()
	defer b.mu.Unlock()
	said := b.said
	said.Text = string(b.evidence)
	return said
}
