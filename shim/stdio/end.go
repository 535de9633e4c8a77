package stdio

import (
	"errors"
	"os"
	"sync"
	"time"
)

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
