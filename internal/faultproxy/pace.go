package faultproxy

import (
	"net/http"
	"sync"
	"time"
)

// A pacer shares a bandwidth among all answers: each write takes its turn on one
// imaginary wire.
type pacer struct {
	rate int // bytes a second

	mu   sync.Mutex
	free time.Time // when the wire is free again
}

func (p *pacer) wait(n int) {
	p.mu.Lock()
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
	until := p.free
	p.mu.Unlock()
	time.Sleep(until.Sub(now))
}

// A pacedWriter writes no faster than its pacer allows.
type pacedWriter struct {
	http.ResponseWriter
	pace *pacer
}

// Unwrap lets http.ResponseController reach Flush.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *pacedWriter) Write(b []byte) (int, error) {
	const packet = 16 << 10 // small enough that parallel answers advance together
	done := 0
	for done < len(b) {
		part := b[done:min(done+packet, len(b))]
		w.pace.wait(len(part))
		n, err := w.ResponseWriter.Write(part)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
