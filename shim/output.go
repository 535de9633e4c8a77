package shim

import (
	"bytes"
	"errors"
	"os"
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

// An output reads one stream of the child (or both, where they are the same
// open file), and gives it to its sink line by line, with the names that a
// reader knows. Its fields belong to the reading goroutine.
type output struct {
	to      sink
	rewrite func(line []byte) []byte // relay addresses to upstreams; nil for as is
	news    *news                    // go's own progress, said once over all runs; nil for as it comes

	r       *os.File
	done    chan struct{}
	end     end
	partial []byte
	cut     bool  // the last line was passed on unfinished: what comes next continues it
	told    tally // how often this run has told each piece of news
}

// sink is where the lines go; of a stream that is not ours to read, an empty one.
func (o *output) sink() *sink {
	if o == nil {
		return &sink{}
	}
	return &o.to
}

// pipe makes the pipe and returns the child's end.
func (o *output) pipe() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	o.r, o.done = r, make(chan struct{})
	o.end.reset()
	// A reader that is gone breaks the child's end too, so that it meets SIGPIPE as it
	// would without us.
	o.to.begin(func() { r.Close() })
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

// line passes one line on. continued is true for the rest of a
// line whose beginning was passed on before.
func (o *output) line(line []byte, continued bool) {
	if o.rewrite != nil {
		line = o.rewrite(line)
	}
	// What follows a warming step switches again, unread by us, and says so.
	if o.news != nil && (classify.IsProgress(line) || o.to.dst != nil && classify.IsSwitching(line)) {
		o.to.tell(o.news, line, o.told.next(line))
		return
	}
	o.to.take(line, continued)
}

// news passes go's progress on ("go: downloading …") as it comes, but says each
// line only as often as one run has: neither a second run nor the command
// behind its warming step repeats what was said already.
type news struct {
	dst    *os.File
	screen *screen
	shown  shown
}

func newNews(dst *os.File) *news { return &news{dst: dst} }

// say is told of a line that one run has printed so many times.
func (n *news) say(line []byte, times int) {
	if !n.shown.before(line, times) {
		n.screen.write(n.dst, line) // a reader that is gone is noticed at the next line that matters
	}
}
