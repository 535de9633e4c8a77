package httpprobe

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// Timing is how long the parts of one question took, summed over redirects.
// Parts that a question did not have, such as resolving an IP address, are
// zero.
type Timing struct {
	Resolve, Connect, TLS, FirstByte, Total time.Duration
}

// Seconds is a timing in seconds, as JSON is read by other programs.
type Seconds struct {
	Resolve   float64 `json:"resolve"`
	Connect   float64 `json:"connect"`
	TLS       float64 `json:"tls"`
	FirstByte float64 `json:"first_byte"`
	Total     float64 `json:"total"`
}

// Seconds returns the same in seconds.
func (t Timing) Seconds() *Seconds {
	return &Seconds{t.Resolve.Seconds(), t.Connect.Seconds(), t.TLS.Seconds(), t.FirstByte.Seconds(), t.Total.Seconds()}
}

// A stopwatch takes the timing of one question. Its hooks may be called from
// several goroutines, and even after the question is over.
type stopwatch struct {
	begin time.Time

	mu                            sync.Mutex
	parts                         Timing
	resolving, handshake, written time.Time
	connecting                    map[string]time.Time // by address: two are tried side by side
}

// stop returns the timing so far.
func (w *stopwatch) stop() Timing {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.parts
	t.Total = time.Since(w.begin)
	return t
}

func (w *stopwatch) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { w.mark(&w.resolving) },
		DNSDone:              func(httptrace.DNSDoneInfo) { w.lap(&w.parts.Resolve, &w.resolving) },
		ConnectStart:         w.connectStart,
		ConnectDone:          w.connectDone,
		TLSHandshakeStart:    func() { w.mark(&w.handshake) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { w.lap(&w.parts.TLS, &w.handshake) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.mark(&w.written) },
		GotFirstResponseByte: func() { w.lap(&w.parts.FirstByte, &w.written) },
	}
}

func (w *stopwatch) mark(at *time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*at = time.Now()
}

func (w *stopwatch) lap(part *time.Duration, from *time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !from.IsZero() {
		*part += time.Since(*from)
		*from = time.Time{}
	}
}

func (w *stopwatch) connectStart(_, addr string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.connecting[addr] = time.Now()
}

// connectDone counts the connection that was made, not those that lost.
func (w *stopwatch) connectDone(_, addr string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.parts.Connect += time.Since(w.connecting[addr])
	}
}
