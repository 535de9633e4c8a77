package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/limit"
)

// A timeout is a deadline of ours that passed; its text is what net/http or
// the system say in the same situation.
type timeout struct{ text string }

func (t *timeout) Error() string   { return t.text }
func (t *timeout) Timeout() bool   { return true }
func (t *timeout) Temporary() bool { return true }

var (
	errFirstByte = &timeout{"net/http: timeout awaiting response headers"}
	errStall     = &timeout{"i/o timeout"}
)

// A hedger is the RoundTripper of one fetch, with its upstream's connections: it adds
// the deadlines that go lacks, and starts a request once more that does not answer.
type hedger struct{ fetch *fetch }

// RoundTrip runs a request on the main connections, and if no header comes for
// a while, on others as well. The first answer counts.
func (h hedger) RoundTrip(req *http.Request) (*http.Response, error) {
	p := &pair{fetch: h.fetch, lines: h.fetch.client.lines, req: req, deadlines: h.fetch.deadlines(), results: make(chan *start, 2)}
	return p.run()
}

// A pair is one request and perhaps its second start.
type pair struct {
	fetch     *fetch
	lines     *lines
	req       *http.Request
	deadlines deadlines
	results   chan *start
	started   []*start
}

// A start is one of the two; it has a result once it has come out of results.
type start struct {
	transport *http.Transport
	cancel    context.CancelCauseFunc
	second    bool
	res       *http.Response
	err       error
}

func (p *pair) run() (*http.Response, error) {
	began := time.Now()
	p.start(p.lines.main(), false)
	deadline := after(p.deadlines.firstByte)
	defer deadline.Stop()
	hedge := after(p.deadlines.hedge)
	defer hedge.Stop()
	silent := time.AfterFunc(tellAfter, p.fetch.silence("no answer yet"))
	defer silent.Stop()
	running := 1
	for {
		select {
		case <-deadline.C:
			p.giveUp(errFirstByte)
			go p.reap(running)
			return nil, errFirstByte
		case <-hedge.C:
			if p.fetch.mayHedge() {
				p.start(p.lines.other(), true)
				running++
			}
		case won := <-p.results:
			running--
			if won.second && running > 0 && won.err == nil && limit.Relief(won.res.StatusCode) {
				won.res.Body.Close() // it was one too many; the first is being served
				continue
			}
			if won.err != nil && running > 0 && !p.deadlines.slow {
				continue // where "|" follows, one deadline is enough
			}
			return p.finish(won, running, began)
		}
	}
}

// after is a timer; 0 never fires.
func after(d time.Duration) *time.Timer {
	if d <= 0 {
		d = 1 << 62
	}
	return time.NewTimer(d)
}

func (p *pair) start(t *http.Transport, second bool) {
	ctx, cancel := context.WithCancelCause(p.req.Context())
	run := &start{transport: t, cancel: cancel, second: second}
	p.started = append(p.started, run)
	req := p.req.WithContext(p.fetch.onWay(ctx, second))
	if second {
		req = req.Clone(req.Context()) // the first one has the header
	}
	go func() {
		run.res, run.err = t.RoundTrip(req)
		p.results <- run
	}()
}

// giveUp ends all that was started, and leaves the connections that did not answer.
func (p *pair) giveUp(cause error) {
	for _, run := range p.started {
		run.cancel(cause)
		p.lines.renew(run.transport)
	}
}

// reap closes what still comes in.
func (p *pair) reap(running int) {
	for range running {
		if late := <-p.results; late.res != nil {
			late.res.Body.Close()
		}
	}
}

func (p *pair) finish(won *start, running int, began time.Time) (*http.Response, error) {
	if running > 0 {
		for _, run := range p.started {
			if run != won {
				run.cancel(context.Canceled)
			}
		}
		go p.reap(running)
	}
	if won.err != nil {
		won.cancel(nil)
		return nil, won.err
	}
	p.fetch.client.stats.answered(time.Since(began), won.res.ProtoMajor == 2)
	if won.second {
		// The first connection has not answered: leave it.
		p.lines.renew(p.started[0].transport)
		p.fetch.wasHedge = true
	}
	limits := p.deadlines
	limits.small = limits.small || won.res.StatusCode >= 300 // what a server says of a failure
	w := watch(won.res.Body, limits, won.cancel, func() { p.lines.renew(won.transport) })
	w.silent = time.AfterFunc(tellAfter, p.fetch.silence("the answer has paused"))
	won.res.Body = w
	return won.res, nil
}

const (
	// A body slower than dripBytes in dripWindow counts as stalled where "|"
	// lets go take the next proxy.
	dripWindow = 20 * time.Second
	dripBytes  = 20 << 10
	// smallDrip is the same for a small file, whoever is next: it would otherwise
	// take days to reach its largest size. Many at once share a thin line.
	smallDrip = 5 << 10
)

// A watched body ends when no byte comes for too long.
type watched struct {
	body      io.ReadCloser
	deadlines deadlines
	cancel    context.CancelCauseFunc
	stuck     func()

	silent *time.Timer // says so when no byte has come for a while

	mu     sync.Mutex
	timer  *time.Timer
	fired  bool
	began  time.Time
	window time.Time
	bytes  int
}

func watch(body io.ReadCloser, d deadlines, cancel context.CancelCauseFunc, stuck func()) *watched {
	w := &watched{body: body, deadlines: d, cancel: cancel, stuck: stuck, began: time.Now()}
	w.window = w.began
	if d.stall > 0 {
		w.timer = time.AfterFunc(d.stall, w.fire)
	}
	return w
}

func (w *watched) fire() {
	w.mu.Lock()
	w.fired = true
	w.mu.Unlock()
	w.cancel(errStall)
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.body.Read(p)
	if n > 0 {
		again(w.silent, tellAfter)
		again(w.timer, w.deadlines.stall)
	}
	if err != nil && err != io.EOF && w.expired() || err == nil && w.drips(n) {
		w.stuck()
		return n, errStall
	}
	return n, err
}

// again restarts a timer, if there is one.
func again(t *time.Timer, d time.Duration) {
	if t != nil {
		t.Reset(d)
	}
}

func (w *watched) expired() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fired
}

// drips reports whether the body has been too slow for a whole window. A small one
// must be complete, besides, within the time in which it must begin.
func (w *watched) drips(n int) bool {
	least := 0
	switch {
	case w.deadlines.slow:
		least = dripBytes
	case w.deadlines.small:
		least = smallDrip
	default:
		return false
	}
	w.bytes += n
	now := time.Now()
	if now.Sub(w.window) < dripWindow {
		return false
	}
	slow := w.bytes < least || w.deadlines.small && now.Sub(w.began) > w.deadlines.most
	w.window, w.bytes = now, 0
	return slow
}

func (w *watched) Close() error {
	for _, t := range []*time.Timer{w.silent, w.timer} {
		if t != nil {
			t.Stop()
		}
	}
	err := w.body.Close()
	w.cancel(errors.New("body closed"))
	return err
}
