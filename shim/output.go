package shim

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Bounds of what an output keeps in memory.
const (
	// partialTime is how long an unfinished line waits for its end: a prompt
	// has none.
	partialTime = 20 * time.Millisecond
	// maxLine ends a line that does not end by itself.
	maxLine = 1 << 20
	// maxHeld bounds what is held back; beyond it the output streams and the
	// command is not run again.
	maxHeld = 4 << 20
	// maxDrain bounds what is read after the child's end: more than a pipe holds.
	maxDrain = 1 << 20
	// maxEvidence bounds what is kept of passed-on lines for the classifier.
	maxEvidence = 256 << 10
)

// An output reads one stream of the child (or both, where they are the same
// open file), and passes it on line by line. From the first suspect line on,
// lines are held until somebody decides: they are dropped if the failure is
// healed, else written out.
type output struct {
	dst     *os.File
	rewrite func(line []byte) []byte // relay addresses to upstreams; nil for as is
	suspect func(line []byte) bool   // does this line look like a fetch failure; nil for never
	news    *news                    // go's own progress, said once over all runs; nil for as it comes
	screen  *screen                  // of a terminal with a status line; nil for none
	hold    int                      // hold from the first byte on, up to so many bytes; 0 for not

	r       *os.File
	done    chan struct{}
	end     end
	partial []byte
	cut     bool           // the last line was passed on unfinished: what comes next continues it
	told    map[string]int // how often this run has told each piece of news

	mu       sync.Mutex // held while dst is written to, so for as long as its reader likes
	held     []byte
	holding  bool
	spilled  bool // held back more than we may: it was written out
	wrote    bool // something that is no progress reached dst
	evidence []byte
	gone     bool  // dst cannot be written to any more
	lost     bool  // because its reader is gone
	fault    error // or for another reason: the disk is full
	passed   int64 // bytes that dst was given, or would have been
}

// pipe makes the pipe and returns the child's end.
func (o *output) pipe() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o.r, o.done = r, make(chan struct{})
	o.end.reset()
	o.holding, o.held = o.hold > 0, nil
	return w, nil
}

// abandon ends an output whose child never started.
func (o *output) abandon() {
	o.r.Close()
	close(o.done)
}

// read runs until the stream ends. After the child's end that is when nothing
// has come for some time: a grandchild may hold the pipe open.
func (o *output) read() {
	defer close(o.done)
	defer o.r.Close()
	buf := make([]byte, 32<<10)
	for left := maxDrain; left > 0; {
		partial := len(o.partial) > 0
		last := o.end.before(o.r, partial)
		n, err := o.r.Read(buf)
		woken := o.end.after(last)
		o.accept(buf[:n])
		if last {
			left -= n
		}
		switch {
		case err == nil:
		case !errors.Is(err, os.ErrDeadlineExceeded):
			left = 0
		case last && !partial:
			// We may have slept past the deadline, and then nobody has looked.
			n := glance(o.r, buf)
			o.accept(buf[:n])
			left -= n
			if n == 0 {
				left = 0
			}
		case partial && !woken:
			o.flushPartial()
		}
	}
	o.flushPartial()
}

// finish tells the reader that the child has ended, and waits until it has had
// everything, or, once stop is closed, no longer than for silence. It reports
// false if the reader is left behind, since nobody reads what it writes.
func (o *output) finish(silence time.Duration, stop <-chan struct{}) bool {
	o.end.set(o.r, silence, o.done)
	select {
	case <-o.done:
		return true
	case <-stop:
	}
	select {
	case <-o.done:
		return true
	case <-time.After(silence):
		return false
	}
}

// accept splits what was read into lines.
func (o *output) accept(b []byte) {
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			o.partial = append(o.partial, b...)
			if len(o.partial) > maxLine {
				o.flushPartial()
			}
			return
		}
		line := b[:i+1]
		if len(o.partial) > 0 {
			line = append(o.partial, line...)
		}
		o.line(line, o.cut)
		o.partial, o.cut = o.partial[:0], false
		b = b[i+1:]
	}
}

func (o *output) flushPartial() {
	if len(o.partial) == 0 {
		return
	}
	o.line(o.partial, o.cut)
	o.partial, o.cut = o.partial[:0], true
}

// line passes one line on, or holds it. continued is true for the rest of a
// line whose beginning was passed on before.
func (o *output) line(line []byte, continued bool) {
	if o.rewrite != nil {
		line = o.rewrite(line)
	}
	if o.news != nil && progress(line) {
		o.news.say(line, o.times(line))
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remember(line)
	if !o.holding && !o.spilled && !continued && o.suspect != nil && o.suspect(line) {
		o.holding = true
	}
	if !o.holding {
		o.write(line)
		return
	}
	o.held = append(o.held, line...)
	if limit := max(o.hold, maxHeld); o.hold > 0 && len(o.held) > o.hold || len(o.held) > limit {
		o.release()
		o.spilled = true
	}
}

// remember keeps the last lines for the classifier; the lock is held.
func (o *output) remember(line []byte) {
	if len(o.evidence)+len(line) > maxEvidence {
		o.evidence = append(o.evidence[:0], o.evidence[len(o.evidence)/2:]...)
	}
	o.evidence = append(o.evidence, line[:min(len(line), maxEvidence/2)]...)
}

// times counts how often this run has printed a line of news, this one included.
func (o *output) times(line []byte) int {
	if o.told == nil {
		o.told = map[string]int{}
	}
	o.told[string(line)]++
	return o.told[string(line)]
}

// write puts a line out; the lock is held.
func (o *output) write(line []byte) {
	o.wrote = true
	o.put(line)
}

func (o *output) put(b []byte) {
	o.passed += int64(len(b))
	if o.dst == nil || o.gone {
		return
	}
	if _, err := o.screen.write(o.dst, b); err != nil {
		o.breakOff(err)
	}
}

// breakOff is called when dst cannot be written to. If that is because its
// reader is gone, the child's end breaks too, so that it meets SIGPIPE as it
// would without us.
func (o *output) breakOff(err error) {
	o.gone = true
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		o.lost = true
		o.r.Close()
		return
	}
	o.fault = err
}

// written returns how much dst was given, and the error at which that ended, if
// its reader is not the reason.
func (o *output) written() (int64, error) {
	if o == nil {
		return 0, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.passed, o.fault
}

// lostReader reports whether dst's reader went before all was written.
func (o *output) lostReader() bool {
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lost
}

// release writes out what is held; the lock is held.
func (o *output) release() {
	if len(o.held) > 0 {
		o.wrote = true
		o.put(o.held)
	}
	o.held, o.holding = nil, false
}

// flush writes out what is held.
func (o *output) flush() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.release()
}

// drop forgets what is held and what was read, for a run whose failure is
// about to be healed.
func (o *output) drop() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held, o.holding, o.evidence = nil, false, nil
}

// text returns what the child said, for the classifier.
func (o *output) text() string {
	if o == nil {
		return ""
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.evidence)
}

// visibleSpill reports whether more was held than we may hold, so that a part
// of the failed run has been seen.
func (o *output) visibleSpill() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.spilled
}

// visible reports whether anything that counts as a result has been written.
func (o *output) visible() bool {
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.wrote
}

// news passes go's progress on ("go: downloading …") as it comes, but says each
// line only as often as one run has: neither a second run nor the command
// behind its warming step repeats what was said already.
type news struct {
	mu     sync.Mutex
	dst    *os.File
	screen *screen
	said   map[string]int
}

func newNews(dst *os.File) *news { return &news{dst: dst, said: map[string]int{}} }

// say is told of a line that one run has printed so many times.
func (n *news) say(line []byte, times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.said[string(line)] >= times {
		return
	}
	n.said[string(line)] = times
	n.screen.write(n.dst, line) // a reader that is gone is noticed at the next line that matters
}

// progress reports whether a line is go's own news of what it does.
func progress(line []byte) bool {
	return slices.ContainsFunc([]string{"go: downloading ", "go: finding ", "go: extracting "}, func(p string) bool {
		return bytes.HasPrefix(line, []byte(p)) && line[len(line)-1] == '\n'
	})
}
