package relay

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/gosteady/gosteady/classify"
)

var (
	errNotRest = errors.New("the answer is not the rest that was asked for")
	errFailed  = errors.New("the answer is a failure") // details are in the question
)

// receive reads an answer to its end, and notes what it is. It is the response
// handler of go-retryablehttp: an error only says that there is no good answer
// yet.
func (q *question) receive(res *http.Response) error {
	defer res.Body.Close()
	q.handled = true
	q.host = q.hopOf(res)
	q.r.offline.heard()
	q.after, q.misclocked = sane(retryAfter(res.Header, q.r.now()), q.misclocked)
	q.fresh = freshFor(res.Header)
	if q.resume != nil {
		switch res.StatusCode {
		case http.StatusPartialContent:
			return q.receiveRest(res)
		case http.StatusRequestedRangeNotSatisfiable:
			return q.startOver()
		case http.StatusOK:
			if encoded(res) {
				return q.startOver()
			}
		}
	}
	if res.StatusCode != http.StatusOK {
		return q.receiveStatus(res)
	}
	if err := q.begin(res); err != nil {
		return err
	}
	return q.receiveBody(res)
}

// begin makes an empty body.
func (q *question) begin(res *http.Response) error {
	q.resume, q.resumed = nil, false
	if q.body == nil {
		q.body = q.r.depot.new()
	} else if err := q.body.reset(); err != nil {
		return q.spoolFailed(err)
	}
	q.body.expect(res.ContentLength)
	return nil
}

func (q *question) receiveRest(res *http.Response) error {
	total, ok := q.resume.continues(res, q.body.size)
	if !ok {
		return q.startOver()
	}
	q.resume.total, q.resumed = total, true
	return q.receiveBody(res)
}

// startOver gives up what was collected: the file has changed meanwhile, or
// the server cannot count.
func (q *question) startOver() error {
	q.resume, q.resumed = nil, false
	q.fail(classify.Failure{Class: classify.BadContent, Transient: true}, readError(q.it, q.url, errNotRest))
	return errFailed
}

// receiveBody collects a body, or the rest of one, and checks it.
func (q *question) receiveBody(res *http.Response) error {
	limit := limits[q.it.kind]
	if res.ContentLength > limit-q.body.size {
		return q.tooLarge(limit)
	}
	_, err := io.Copy(spoolWriter{q.body, &q.r.display.bytes}, io.LimitReader(res.Body, limit+1-q.body.size))
	var mine spoolError
	switch {
	case errors.As(err, &mine):
		return q.spoolFailed(mine.error)
	case err != nil:
		return q.cut(res, err)
	case q.body.size > limit:
		return q.tooLarge(limit)
	case q.resume != nil && q.body.size < q.resume.total:
		return q.cut(res, io.ErrUnexpectedEOF) // it ended as if that were all
	case q.resume != nil && q.body.size > q.resume.total:
		return q.startOver()
	}
	q.resume = nil
	return q.inspect(res)
}

// cut notes a body that broke off. What there is of it is kept if the rest can
// be asked for.
func (q *question) cut(res *http.Response, err error) error {
	f := classify.Err(err)
	if f.Class == "" || f.Class == classify.NotFetch {
		f.Class, f.Transient = classify.Truncated, true
	}
	q.failWith(f, &answer{text: readError(q.it, q.url, err), inBody: true})
	q.bodies++
	if errors.Is(err, errStall) {
		q.noteStall()
	}
	if q.resume == nil && q.body.size > 0 && q.r.judged(q.it) {
		q.resume = validatorOf(res)
	}
	return errFailed
}

// judged reports whether go.sum or the checksum database has the last word on a file:
// what was put together from two answers must not be believed for its looks.
func (r *Relay) judged(it item) bool {
	lookedUp := r.inSumDB(it.mod.Path) && !r.isPrivate(it.mod.Path)
	switch it.kind {
	case kindZip:
		return lookedUp || r.config.Sums.Zip(it.mod) != nil
	case kindMod:
		return lookedUp || r.config.Sums.GoMod(it.mod) != nil
	}
	return false
}

// noteStall counts the stalls in one place of a body: a connection that died is no
// reason for more patience, a server that pauses there again is.
func (q *question) noteStall() {
	at := q.body.size + 1
	if at == q.stalledAt {
		q.stalls++
	}
	q.stalledAt = at
}

// tooLarge ends a body beyond every limit.
func (q *question) tooLarge(limit int64) error {
	text := readError(q.it, q.url, fmt.Errorf("response larger than %d bytes", limit))
	if q.it.kind == kindZip {
		text = "downloaded zip file too large" // go's words
	}
	q.failWith(classify.Failure{Class: classify.BadContent, Transient: true}, &answer{text: text, inBody: true})
	q.resume = nil
	return errFailed
}

// spoolFailed is a failure of ours, not the network's.
func (q *question) spoolFailed(err error) error {
	q.failWith(classify.Failure{Class: classify.CacheIO}, &answer{text: readError(q.it, q.url, err), inBody: true})
	return errFailed
}

// spoolWriter marks the errors of writing, so that they are not taken for the
// network's.
type spoolWriter struct {
	s     *spool
	total *atomic.Int64
}

type spoolError struct{ error }

func (w spoolWriter) Write(p []byte) (int, error) {
	n, err := w.s.Write(p)
	w.total.Add(int64(n))
	if err != nil {
		return n, spoolError{err}
	}
	return n, nil
}

// inspect checks a complete body.
func (q *question) inspect(res *http.Response) error {
	doubtful := q.tries > 1 || q.resumed || q.wasHedge || q.up.conduct.suspected()
	thorough := q.thorough || doubtful && !q.r.install.Load().installs(q.it.mod)
	a := &answer{
		status: http.StatusOK, typ: res.Header.Get("Content-Type"), // also of a rest, 206
		body: q.body, from: q.up,
	}
	a.bad = q.examine(res, thorough)
	if a.bad == nil {
		a.proven = q.body.unread || q.r.proves(q.it, q.body.size, thorough)
		q.answer = a
		q.up.worked(q.it, true, q.r.now())
		q.r.wait.Earn()
		return nil
	}
	q.up.conduct.suspect()
	q.failWith(classify.Failure{Class: a.bad.class, Transient: a.bad.class == classify.BadContent}, a)
	return errFailed
}

// receiveStatus notes an answer that is not 200. That may be final, and then
// it is the upstream's to give.
func (q *question) receiveStatus(res *http.Response) error {
	detail, _ := io.ReadAll(io.LimitReader(res.Body, maxDetail))
	f := classify.HTTP(res.StatusCode, string(detail[:min(len(detail), sniff)]), q.it.kind.SumDB())
	f.Status = res.StatusCode
	if q.host != "" && !q.it.kind.SumDB() {
		f = f.BehindRedirect()
	}
	q.failWith(f, &answer{
		status: res.StatusCode, reason: res.Status, typ: res.Header.Get("Content-Type"), detail: detail,
	})
	q.denied = nil
	if res.StatusCode >= 400 && res.StatusCode < 500 {
		q.denied = res
	}
	if !f.Transient {
		q.up.worked(q.it, false, q.r.now())
	}
	return errFailed
}

// readError words a failure while a body is read, as go does: web.GetBytes for
// the checksum database, proxyRepo for everything else.
func readError(it item, u *url.URL, err error) string {
	if it.kind.SumDB() {
		return fmt.Sprintf("reading %s: %v", u.Redacted(), err)
	}
	return (&url.Error{Op: "read", URL: u.Redacted(), Err: err}).Error()
}
