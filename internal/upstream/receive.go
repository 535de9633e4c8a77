package upstream

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/spool"
)

// maxDetail is what is taken of an error's body: go shows eight lines of it.
const maxDetail = 64 << 10

var errNotRest = errors.New("the answer is not the rest that was asked for")

// A transfer is the body of a fetch, which several attempts may bring.
type transfer struct {
	body      *spool.Body         // one for all attempts; a file has this one
	resume    *modproxy.Validator // set while body holds a beginning
	resumed   bool                // the body was put together
	stalledAt int64               // the byte that the last attempt paused before for too long, from 1; 0: none did
	stalls    int                 // how often in the same place as before
}

// header is told of an answer as soon as its header is there. If that says that the
// upstream is up, all who wait may go; what a failure says is read first.
func (f *fetch) header(res *http.Response) {
	now := f.group.now()
	f.span.header = now
	f.group.offline.heard(now)
	if limit.SignOf(res.StatusCode) == limit.Answered && f.answered != nil {
		f.answered(limit.Result{Sign: limit.Answered, Status: res.StatusCode})
		f.answered = nil
		f.client.stats.isUp(f.req.Item.Kind)
	}
}

// receive reads an answer to its end, and notes what it is: a file, or an error.
func (f *fetch) receive(res *http.Response) error {
	if res.Request != nil {
		f.host = f.hop(res.Request.URL)
	}
	f.after, f.misclocked = sane(retryAfter(res.Header, f.group.now()), f.misclocked)
	f.fresh = freshFor(res.Header)
	if f.resume != nil {
		switch res.StatusCode {
		case http.StatusPartialContent:
			return f.receiveRest(res)
		case http.StatusRequestedRangeNotSatisfiable:
			return f.startOver()
		case http.StatusOK:
			if modproxy.Encoded(res) {
				return f.startOver()
			}
		}
	}
	if res.StatusCode != http.StatusOK {
		return f.receiveStatus(res)
	}
	if err := f.empty(res.ContentLength); err != nil {
		return err
	}
	return f.receiveBody(res)
}

// empty makes an empty body.
func (f *fetch) empty(size int64) error {
	f.resume, f.resumed = nil, false
	if f.body == nil {
		f.body = f.group.bodies.New()
	} else if err := f.body.Reset(); err != nil {
		return f.spoolFailed(err)
	}
	f.body.Expect(size)
	return nil
}

func (f *fetch) receiveRest(res *http.Response) error {
	total, ok := f.resume.Continues(res, f.body.Size())
	if !ok {
		return f.startOver()
	}
	f.resume.Total, f.resumed = total, true
	return f.receiveBody(res)
}

// startOver gives up what was collected: the file has changed meanwhile, or
// the server cannot count.
func (f *fetch) startOver() error {
	f.resume, f.resumed = nil, false
	return f.fail(classify.Failure{Class: classify.BadContent, Transient: true}, readError(f.req.Item, f.url, errNotRest))
}

// receiveBody collects a body, or the rest of one, and checks it.
func (f *fetch) receiveBody(res *http.Response) error {
	limit := f.req.Item.Kind.Limit()
	if res.ContentLength > limit-f.body.Size() {
		return f.tooLarge(limit)
	}
	_, err := io.Copy(bodyWriter{f.body, f.group.config.Observer}, io.LimitReader(res.Body, limit+1-f.body.Size()))
	var mine bodyError
	switch {
	case errors.As(err, &mine):
		return f.spoolFailed(mine.error)
	case err != nil:
		return f.cut(res, err)
	case f.body.Size() > limit:
		return f.tooLarge(limit)
	case f.resume != nil && f.body.Size() < f.resume.Total:
		return f.cut(res, io.ErrUnexpectedEOF) // it ended as if that were all
	case f.resume != nil && f.body.Size() > f.resume.Total:
		return f.startOver()
	}
	f.resume = nil
	return f.complete(res)
}

// cut notes a body that broke off. What there is of it is kept if the rest can be asked
// for, and go.sum or the checksum database has the last word: what was put together from
// two answers must not be believed for its looks.
func (f *fetch) cut(res *http.Response, err error) error {
	fail := classify.Err(err)
	if fail.Class == "" || fail.Class == classify.NotFetch {
		fail.Class, fail.Transient = classify.Truncated, true
	}
	f.bodies++
	if errors.Is(err, errStall) {
		f.noteStall()
	}
	judged := f.req.Expect.InSumDB || f.req.Expect.Sums != nil
	if k := f.req.Item.Kind; f.resume == nil && f.body.Size() > 0 && judged && (k == modproxy.Zip || k == modproxy.Mod) {
		f.resume = modproxy.ValidatorOf(res)
	}
	return f.failWith(fail, &Error{Text: readError(f.req.Item, f.url, err), InBody: true})
}

// noteStall counts the stalls in one place of a body: a connection that died is no
// reason for more patience, a server that pauses there again is.
func (f *fetch) noteStall() {
	at := f.body.Size() + 1
	if at == f.stalledAt {
		f.stalls++
	}
	f.stalledAt = at
}

// tooLarge ends a body beyond every limit.
func (f *fetch) tooLarge(limit int64) error {
	text := readError(f.req.Item, f.url, fmt.Errorf("response larger than %d bytes", limit))
	if f.req.Item.Kind == modproxy.Zip {
		text = "downloaded zip file too large" // go's words
	}
	f.resume = nil
	return f.failWith(classify.Failure{Class: classify.BadContent, Transient: true}, &Error{Text: text, InBody: true})
}

// spoolFailed is a failure of ours, not the network's.
func (f *fetch) spoolFailed(err error) error {
	return f.failWith(classify.Failure{Class: classify.CacheIO}, &Error{Text: readError(f.req.Item, f.url, err), InBody: true})
}

// A bodyWriter marks the errors of writing, so that they are not taken for the
// network's.
type bodyWriter struct {
	body     *spool.Body
	observer Observer
}

type bodyError struct{ error }

func (w bodyWriter) Write(p []byte) (int, error) {
	n, err := w.body.Write(p)
	w.observer.Received(n)
	if err != nil {
		return n, bodyError{err}
	}
	return n, nil
}

// complete checks a complete body.
func (f *fetch) complete(res *http.Response) error {
	doubtful := f.tries > 1 || f.resumed || f.wasHedge || f.client.stats.get().damaged
	expect := f.req.Expect
	expect.Whole = expect.Whole || doubtful && !expect.Hashed
	file := &File{Type: res.Header.Get("Content-Type"), Body: f.body} // the type also of a rest, 206
	wrong, stored := f.examine(res, file, expect)
	if wrong != nil {
		return f.failWith(wrong.Failure(), &Error{Invalid: wrong, Stored: stored, File: file})
	}
	file.Proven = file.Unread || expect.Proves(f.req.Item.Kind, f.body.Size())
	f.file = file
	return nil
}

// receiveStatus notes an answer that is not 200. That may be final, and then
// it is the upstream's to give.
func (f *fetch) receiveStatus(res *http.Response) error {
	detail, _ := io.ReadAll(io.LimitReader(res.Body, maxDetail))
	fail := classify.HTTP(res.StatusCode, string(detail[:min(len(detail), 1024)]), f.req.Item.Kind.SumDB())
	fail.Status = res.StatusCode
	if f.host != "" && !f.req.Item.Kind.SumDB() {
		fail = fail.BehindRedirect()
	}
	f.denied = nil
	if res.StatusCode >= 400 && res.StatusCode < 500 {
		f.denied = res
	}
	return f.failWith(fail, &Error{Answer: Answer{
		Status: res.StatusCode, Reason: res.Status, Type: res.Header.Get("Content-Type"), Detail: detail,
	}})
}

// readError words a failure while a body is read, as go does: web.GetBytes for
// the checksum database, proxyRepo for everything else.
func readError(it modproxy.Item, u *url.URL, err error) string {
	if it.Kind.SumDB() {
		return fmt.Sprintf("reading %s: %v", u.Redacted(), err)
	}
	return (&url.Error{Op: "read", URL: u.Redacted(), Err: err}).Error()
}
