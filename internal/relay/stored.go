package relay

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// What is damaged on the way differs from try to try; what a server stores does not. A
// zip or go.mod that comes with the same wrong bytes a second time, though no cache on
// the way was asked, is what the server has, and asking again is in vain.

// A wrongBody is one that was no good, as an upstream sent it last.
type wrongBody struct {
	sum [sha256.Size]byte
	bad *badContent
}

// wrongBodies are those of one upstream, by path, for all questions: go is run again,
// and asks again, for what has failed.
type wrongBodies struct{ last sync.Map }

func (w *wrongBodies) note(path string, body *spool, bad *badContent) {
	w.last.Store(path, &wrongBody{sumOf(body), bad})
}

// wrong is what the upstream has sent before in the place of a file; nil if nothing.
func (q *question) wrong() *wrongBody {
	b, _ := q.up.wrong.last.Load(q.it.path)
	known, _ := b.(*wrongBody)
	return known
}

// examine checks a complete body. It notes a file that is wrong as it may be stored,
// and does not look again at the very bytes that were wrong before.
func (q *question) examine(res *http.Response, thorough bool) *badContent {
	if known := q.wrong(); known != nil && sumOf(q.body) == known.sum {
		again := *known.bad
		again.stored = true
		return &again
	}
	b := q.r.check(q.it, q.body, q.up.shown, thorough)
	if b != nil && mayBeStored(q.it.kind, res, q.body) {
		q.up.wrong.note(q.it.path, q.body, b)
	}
	return b
}

// isStored reports whether the answer is what came before and was wrong then.
func (a *answer) isStored() bool { return a.bad != nil && a.bad.stored }

func sumOf(body *spool) (sum [sha256.Size]byte) {
	h := sha256.New()
	io.Copy(h, body.reader())
	h.Sum(sum[:0])
	return sum
}

// mayBeStored reports whether a wrong body is a whole zip or go.mod all the same. A
// page, XML, JSON or a line of text in the place of one is a portal or an outage, which
// passes; so is a body that may have been cut.
func mayBeStored(k kind, res *http.Response, body *spool) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(body.head(sniff), []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 || bytes.IndexByte([]byte("<{["), head[0]) >= 0 {
		return false
	}
	announced := res.ContentLength >= 0 || res.Uncompressed
	switch k {
	case kindMod:
		return announced && hasModuleLine(body.bytes())
	case kindZip:
		if _, err := modproxy.OpenZip(body, body.size); err == nil {
			return true
		}
		return announced && !strings.HasPrefix(http.DetectContentType(head), "text/")
	}
	return false
}

func hasModuleLine(data []byte) bool {
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("module")) {
			return true
		}
	}
	return false
}
