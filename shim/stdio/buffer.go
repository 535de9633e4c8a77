package stdio

import (
	"errors"
	"io"
	"os"
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
	file     file
	held     []byte
	among    []heldNews // what of held is go's news, in its order
	holding  bool
	spilled  bool // held back more than we may: it was written out
	evidence []byte
	said     tally // how often this run has said each line, where the run may be repeated
}

// A heldNews is a progress line that came while lines were held.
type heldNews struct {
	from, end int // where it is in held
	times     int
}

// begin readies the buffer for a run. unread is called when nobody reads what it writes.
func (b *buffer) begin(unread func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.file.unread, b.holding = unread, b.Hold > 0
}

// take passes a line on, or holds it. continued is true for the rest of a line
// whose beginning was passed on before.
func (b *buffer) take(line []byte, continued bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remember(line)
	if !b.holding && !b.spilled && !continued && b.Suspect != nil && b.Suspect(line) {
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
		b.spilled = true
	}
}

// nth counts how often this run has said a line; the lock is held. Prompts do not
// count, nor do headers, under which something else may stand now.
func (b *buffer) nth(line []byte) int {
	if _, header := classify.Header(line); header || !b.Once || b.printer.lines.full() || line[len(line)-1] != '\n' {
		return 0
	}
	return b.said.next(line)
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

// put writes what counts as a result; the lock is held.
func (b *buffer) put(text []byte) { b.file.write(b.printer, b.To, text) }

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

// A file is one of the user's, and what became of what was written to it.
type file struct {
	unread func() // called when its reader is gone
	wrote  bool   // something that is no progress was written
	size   int64  // of what was, or would have been
	lost   bool   // its reader is gone
	fault  error  // it cannot be written to for another reason: the disk is full
}

// write writes, and remembers what that came to; to is nil for nobody.
func (f *file) write(p *Printer, to *os.File, text []byte) {
	f.wrote = true
	f.size += int64(len(text))
	if to == nil || f.lost || f.fault != nil {
		return
	}
	switch _, err := p.copy(to, text); {
	case err == nil:
	case errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe):
		f.lost = true
		f.unread()
	default:
		f.fault = err
	}
}

// text returns what the child said, for the classifier.
func (b *buffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.evidence)
}

// written returns what became of what was written.
func (b *buffer) written() file {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.file
}

// overflowed reports whether more was held than may be, so that a part of the failed run
// has been seen.
func (b *buffer) overflowed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spilled
}
