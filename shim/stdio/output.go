package stdio

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
)

const (
	// partialTime is how long an unfinished line waits for its end: a prompt
	// has none.
	partialTime = 20 * time.Millisecond
	// maxLine ends a line that does not end by itself.
	maxLine = 1 << 20
	// maxDrain bounds what is read after the child's end: more than a pipe holds.
	maxDrain = 1 << 20
)

// Options say what becomes of the lines of an output.
type Options struct {
	To       *os.File                 // whose they are; nil for nobody
	Rewrite  func(line []byte) []byte // puts the names of upstreams in the place of the relay's; nil for as it is
	Suspect  func(line []byte) bool   // does it look like a fetch failure; nil for never
	Hold     int                      // hold from the first byte on, up to so many bytes; 0 for not
	Progress bool                     // go's own progress is among them, and said once over all runs
	Once     bool                     // what an earlier run has passed on is not repeated
}

// An Output reads one stream of a child (or both, where they are the same open file),
// and gives it to its buffer line by line. The fields below to belong to the reading
// goroutine.
type Output struct {
	to    buffer
	r, w  *os.File // w is the child's end
	done  chan struct{}
	child end

	partial []byte
	cut     bool  // the last line was passed on unfinished: what comes next continues it
	printed tally // how often this run has printed each progress line
}

// Output returns a reader for one stream of one run.
func (p *Printer) Output(opts Options) *Output {
	return &Output{to: buffer{Options: opts, printer: p}}
}

// open makes the pipe, and its child's end.
func (o *Output) open() (err error) {
	o.r, o.w, err = os.Pipe()
	o.done = make(chan struct{})
	// A reader that is gone breaks the child's end too, so that it meets SIGPIPE as it
	// would without us.
	o.to.begin(func() { o.r.Close() })
	return err
}

// read runs until the stream ends. After the child's end that is when nothing
// has come for some time: a grandchild may hold the pipe open.
func (o *Output) read() {
	defer close(o.done)
	defer o.r.Close()
	buf := make([]byte, 32<<10)
	for left := maxDrain; left > 0; {
		partial := len(o.partial) > 0
		last := o.child.before(o.r, partial)
		n, err := o.r.Read(buf)
		woken := o.child.after(last)
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
func (o *Output) finish(silence time.Duration, stop <-chan struct{}) bool {
	o.child.set(o.r, silence)
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
func (o *Output) accept(b []byte) {
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

func (o *Output) flushPartial() {
	if len(o.partial) == 0 {
		return
	}
	o.line(o.partial, o.cut)
	o.partial, o.cut = o.partial[:0], true
}

// line passes one line on. continued is true for the rest of a
// line whose beginning was passed on before.
func (o *Output) line(line []byte, continued bool) {
	if o.to.Rewrite != nil {
		line = o.to.Rewrite(line)
	}
	// What follows a warming step switches again, unread by us, and says so.
	if o.to.Progress && (classify.IsProgress(line) || o.to.To != nil && classify.IsSwitching(line)) {
		o.to.news(line, o.printed.next(line))
		return
	}
	o.to.take(line, continued)
}

// An end is what the reader of an output knows of the child's end. Its lock is
// never held while anything is read or written.
type end struct {
	mu      sync.Mutex
	silence time.Duration // after the child's end, how long nothing comes before the reader gives up; 0 before
	reading bool          // the reader waits
	timer   *time.Timer   // ends a read after so much silence where pipes have no deadlines; nil elsewhere
}

// before is called before each read. It sets when that is to end without data,
// and reports whether the child has ended.
func (e *end) before(r *os.File, partial bool) (last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reading = true
	if e.timer != nil {
		e.timer.Reset(e.silence)
	}
	switch {
	case partial:
		r.SetReadDeadline(time.Now().Add(partialTime))
	case e.silence > 0:
		r.SetReadDeadline(time.Now().Add(e.silence))
	default:
		r.SetReadDeadline(time.Time{})
	}
	return e.silence > 0
}

// after is called after each read. It reports whether set has ended it.
func (e *end) after(last bool) (woken bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reading = false
	if e.timer != nil {
		e.timer.Stop()
	}
	return !last && e.silence > 0
}

// set is called when the child has ended. What it wrote is in the pipe, so that a
// reader that waits has read it all, or is about to.
func (e *end) set(r *os.File, silence time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.silence = silence
	if err := r.SetReadDeadline(time.Unix(1, 0)); !errors.Is(err, os.ErrNoDeadline) {
		return
	}
	e.timer = time.AfterFunc(silence, func() { r.Close() }) // a pipe on Windows, where that ends a read
	if !e.reading {
		e.timer.Stop()
	}
}
