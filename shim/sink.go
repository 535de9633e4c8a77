package shim

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/gosteady/gosteady/classify"
)

// Bounds of what a sink keeps in memory.
const (
	// maxHeld bounds what is held back; beyond it the output streams and the
	// command is not run again.
	maxHeld = 4 << 20
	// maxEvidence bounds what is kept of passed-on lines for the classifier.
	maxEvidence = 256 << 10
)

// A sink is where an output's lines go. From the first suspect line on, they are
// held until somebody decides: they are dropped if the failure is healed, else
// written out.
type sink struct {
	dst     *os.File               // nil for nowhere
	screen  *screen                // of a terminal with a status line; nil for none
	suspect func(line []byte) bool // does this line look like a fetch failure; nil for never
	hold    int                    // hold from the first byte on, up to so many bytes; 0 for not
	shown   *shown                 // what earlier runs have passed on; nil for a run that is not repeated

	mu       sync.Mutex // held while dst is written to, so for as long as its reader likes
	unread   func()     // called when dst's reader is gone
	held     []byte
	among    []heldNews // what of held is go's news, in its order
	holding  bool
	spilled  bool // held back more than we may: it was written out
	wrote    bool // something that is no progress reached dst
	evidence []byte
	lines    tally // how often this run has said each, where shown is not nil
	lost     bool  // dst's reader is gone
	fault    error // dst cannot be written to for another reason: the disk is full
	passed   int64 // bytes that dst was given, or would have been
}

// begin readies the sink for a run.
func (s *sink) begin(unread func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread, s.holding, s.held, s.among = unread, s.hold > 0, nil, nil
}

// take passes a line on, or holds it. continued is true for the rest of a line
// whose beginning was passed on before.
func (s *sink) take(line []byte, continued bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remember(line)
	if !s.holding && !s.spilled && !continued && s.suspect != nil && s.suspect(line) {
		s.holding = true
	}
	if !s.holding {
		if continued || !s.shown.before(line, s.nth(line)) {
			s.put(line)
		}
		return
	}
	s.keep(line)
}

// A heldNews is a line of go's news that came while lines were held.
type heldNews struct {
	to        *news
	from, end int // where it is in held
	times     int
}

// tell passes a line of go's news on, or holds it behind the lines that are held: no
// line changes places with another. What is for nobody is not in its way.
func (s *sink) tell(to *news, line []byte, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holding || s.dst == nil {
		to.say(line, times)
		return
	}
	s.among = append(s.among, heldNews{to, len(s.held), len(s.held) + len(line), times})
	s.keep(line)
}

// keep holds a line, within bounds; the lock is held.
func (s *sink) keep(line []byte) {
	s.held = append(s.held, line...)
	if s.hold > 0 && len(s.held) > s.hold || len(s.held) > max(s.hold, maxHeld) {
		s.release()
		s.spilled = true
	}
}

// nth counts how often this run has said a line; the lock is held. Prompts do not
// count, nor do headers, under which something else may stand now.
func (s *sink) nth(line []byte) int {
	if s.shown == nil || s.shown.full() || line[len(line)-1] != '\n' || bytes.HasPrefix(line, []byte("# ")) {
		return 0
	}
	return s.lines.next(line)
}

// A tally counts lines. The zero value is ready.
type tally map[string]int

// next counts a line and returns how often it came, this time included.
func (t *tally) next(line []byte) int {
	if *t == nil {
		*t = make(tally)
	}
	(*t)[string(line)]++
	return (*t)[string(line)]
}

// A shown is what the runs of a command have passed on. What came before the first
// suspect line of a run that failed is said again by the next one, and would stand
// there twice.
type shown struct {
	mu    sync.Mutex
	lines map[string]int // how often one run has said each at most
	size  int            // of the lines
}

// maxShown bounds what is remembered; what comes later may stand there twice.
const maxShown = 256 << 10

func (n *shown) full() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.size >= maxShown
}

// before notes that one run says a line for the n-th time, and reports whether one
// before it has.
func (n *shown) before(line []byte, nth int) bool {
	if n == nil || nth == 0 {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lines[string(line)] >= nth {
		return true
	}
	if n.lines == nil {
		n.lines = make(map[string]int)
	}
	n.lines[string(line)], n.size = nth, n.size+len(line)
	return false
}

// remember keeps the last lines for the classifier; the lock is held.
func (s *sink) remember(line []byte) {
	if len(s.evidence)+len(line) > maxEvidence {
		s.evidence = append(s.evidence[:0], s.evidence[len(s.evidence)/2:]...)
	}
	s.evidence = append(s.evidence, line[:min(len(line), maxEvidence/2)]...)
}

// put writes what counts as a result; the lock is held.
func (s *sink) put(b []byte) {
	s.wrote = true
	s.passed += int64(len(b))
	if s.dst == nil || s.lost || s.fault != nil {
		return
	}
	switch _, err := s.screen.write(s.dst, b); {
	case err == nil:
	case errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe):
		s.lost = true
		s.unread()
	default:
		s.fault = err
	}
}

// release writes out what is held; the lock is held.
func (s *sink) release() {
	done := 0
	for _, n := range s.among {
		if done < n.from {
			s.put(s.held[done:n.from])
		}
		n.to.say(s.held[n.from:n.end], n.times)
		done = n.end
	}
	if done < len(s.held) {
		s.put(s.held[done:])
	}
	s.held, s.among, s.holding = nil, nil, false
}

// flush writes out what is held.
func (s *sink) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release()
}

// drop forgets what is held and what was read, for a run whose failure is
// about to be healed. The next run does not download again what this one has, so what
// this one said of that is passed on.
func (s *sink) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.among {
		if line := s.held[n.from:n.end]; classify.IsProgress(line) {
			n.to.say(line, n.times)
		}
	}
	s.held, s.among, s.holding, s.evidence = nil, nil, false, nil
}

// text returns what the child said, for the classifier.
func (s *sink) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.evidence)
}

// written returns how much dst was given, and the error at which that ended, if
// its reader is not the reason.
func (s *sink) written() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.passed, s.fault
}

// lostReader reports whether dst's reader went before all was written.
func (s *sink) lostReader() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// visible reports whether anything that counts as a result has been written.
func (s *sink) visible() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrote
}

// visibleSpill reports whether more was held than may be, so that a part of the
// failed run has been seen.
func (s *sink) visibleSpill() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spilled
}
