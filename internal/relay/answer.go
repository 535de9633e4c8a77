package relay

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

// maxDetail is what is taken of an error's body: go shows eight lines of it.
const maxDetail = 64 << 10

// An answer is what a question ended in: an HTTP answer, or a failure below
// HTTP.
type answer struct {
	status int    // 0: a failure below HTTP
	reason string // the whole status, "404 Not Found"
	typ    string // Content-Type
	body   *spool // with status 200
	detail []byte // of any other status

	failed    *classify.Failure // nil: this is what was asked for
	decision  policy.Decision   // about the failure
	bad       *badContent       // status 200, but it cannot be right
	text      string            // what go would say, for a failure below HTTP
	cause     error             // the same, without the URL; nil if there is more to it
	inBody    bool              // the failure came after a header with status 200
	from      *upstream
	id        int // under which the text is known to the Rewriter; 0: none yet; guarded by numbers.mu
	cancelled bool
	tries     int
	took      time.Duration // all tries and the waits between them
	paused    time.Duration // of that, the waits
	ended     time.Time     // the last of them; zero: none was made
	hurried   bool          // given up early, since another upstream may be asked
	limited   bool          // given up for a limit that all questions share
	proven    bool          // it was compared with go.sum, or nothing can be

	others atomic.Int32 // who hold it beside the one who made it
}

// over is when the last try ended, now if there was none.
func (a *answer) over(now time.Time) time.Time {
	if a.ended.IsZero() {
		return now
	}
	return a.ended
}

// lost is the time that a failure cost. One that was not tried again cost none.
func (a *answer) lost() time.Duration {
	if a.tries < 2 {
		return 0
	}
	return a.took
}

// hold is for one more who may read the body: several requests of go's can share
// an answer, and the memory of failures keeps it beside them.
func (a *answer) hold() *answer {
	a.others.Add(1)
	return a
}

// release is called once by everyone who holds the answer, whoever made it
// included. The last one gives the body back, so that it is given back once, and
// never while it is read.
func (a *answer) release() {
	if a.others.Add(-1) < 0 {
		a.body.close()
	}
}

// good reports whether the answer is what was asked for.
func (a *answer) good() bool { return a.failed == nil }

// down reports whether the failure says something of the upstream as a whole,
// and not of one file.
func (a *answer) down() bool {
	if a.failed == nil {
		return false
	}
	switch a.failed.Class {
	case classify.DNS, classify.Connect, classify.Timeout, classify.Reset, classify.HTTP2, classify.Truncated,
		classify.TLSHandshake, classify.TLSVerify, classify.HTTPProxy, classify.ServerError, classify.RateLimited,
		classify.SumDBUnreachable:
		return true
	}
	return false
}

// about is the same failure, met with another item.
func (a *answer) about(it item, up *upstream) *answer {
	f := *a.failed
	f.Module, f.Version = it.mod.Path, it.mod.Version
	other := &answer{
		status: a.status, reason: a.reason, typ: a.typ, detail: a.detail,
		failed: &f, text: a.text, cause: a.cause, inBody: a.inBody, from: a.from, limited: a.limited,
	}
	if a.cause != nil {
		other.text = (&url.Error{Op: "Get", URL: join(up.base, it).Redacted(), Err: a.cause}).Error()
	}
	return other
}

// passesComma reports whether go asks the next entry, though only a comma follows
// this one.
func (a *answer) passesComma() bool {
	return a.status == http.StatusNotFound || a.status == http.StatusGone
}

// write sends the answer to go. A failure below HTTP, and content that go must
// not see, become a status that the Rewriter knows.
func (r *Relay) write(w http.ResponseWriter, req *http.Request, a *answer) {
	if a.status == 0 || a.bad != nil && a.bad.unfit {
		hijack(w, "502 "+r.numbers.name(a), "", nil)
		return
	}
	if a.status == http.StatusOK {
		setType(w, a.typ)
		w.Header().Set("Content-Length", strconv.FormatInt(a.body.size, 10))
		if req.Method != http.MethodHead {
			io.Copy(w, a.body.reader()) // go is gone if that fails
		}
		return
	}
	if words := http.StatusText(a.status); words == "" || a.reason != fmt.Sprintf("%d %s", a.status, words) {
		detail := a.detail
		if req.Method == http.MethodHead {
			detail = nil
		}
		hijack(w, a.reason, a.typ, detail)
		return
	}
	setType(w, a.typ)
	w.WriteHeader(a.status)
	if req.Method != http.MethodHead {
		w.Write(a.detail)
	}
}

// setType passes a type on, also that there is none: net/http would guess, and
// go prints the body of what is plain text.
func setType(w http.ResponseWriter, typ string) {
	if typ == "" {
		w.Header()["Content-Type"] = nil
		return
	}
	w.Header().Set("Content-Type", typ)
}

// hijack writes a status with words of its own, which net/http cannot.
func hijack(w http.ResponseWriter, status, typ string, body []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n", oneLine(status), len(body))
	if typ != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\n", oneLine(typ))
	}
	b.WriteString("\r\n")
	b.Write(body)
	io.WriteString(conn, b.String())
}

// oneLine keeps an upstream's words from becoming header lines.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
