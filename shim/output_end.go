package shim

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
	reading time.Time     // since when the reader waits; zero while it writes
}

func (e *end) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.silence, e.reading = 0, time.Time{}
}

// before is called before each read. It sets when that is to end without data,
// and reports whether the child has ended.
func (e *end) before(r *os.File, partial bool) (last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reading = time.Now()
	switch {
	case partial:
		r.SetReadDeadline(e.reading.Add(partialTime))
	case e.silence > 0:
		r.SetReadDeadline(e.reading.Add(e.silence))
	default:
		r.SetReadDeadline(time.Time{})
	}
	return e.silence > 0
}

// after is called after each read. It reports whether set has ended it.
func (e *end) after(last bool) (woken bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reading = time.Time{}
	return !last && e.silence > 0
}

// set is called when the child has ended. What it wrote is in the pipe, so that a
// reader that waits has read it all, or is about to.
func (e *end) set(r *os.File, silence time.Duration, done <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.silence = silence
	if err := r.SetReadDeadline(time.Unix(1, 0)); errors.Is(err, os.ErrNoDeadline) {
		go e.closeWhenSilent(r, done) // a pipe on Windows, where closing it ends a read
	}
}

func (e *end) closeWhenSilent(r *os.File, done <-chan struct{}) {
	tick := time.NewTicker(e.silence)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		e.mu.Lock()
		silent := !e.reading.IsZero() && time.Since(e.reading) >= e.silence
		e.mu.Unlock()
		if silent {
			r.Close()
			return
		}
	}
}
