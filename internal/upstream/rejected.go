package upstream

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/spool"
)

// What is damaged on the way differs from try to try; what a server stores does not. A
// zip or go.mod that comes with the same wrong bytes a second time, though no cache on
// the way was asked, is what the server has, and asking again is in vain.

// A rejectedBody is one that was no good, as an upstream sent it last.
type rejectedBody struct {
	sum   [sha256.Size]byte
	wrong *modproxy.Invalid
}

// mostRejected bounds what is remembered in a process that lives on.
const mostRejected = 1000

// rejectedBodies are those of one upstream, by path, for all fetches: who was refused
// asks again.
type rejectedBodies struct {
	mu   sync.Mutex
	last map[string]*rejectedBody
}

func (r *rejectedBodies) note(path string, body *spool.Body, wrong *modproxy.Invalid) {
	sum := sumOf(body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil || len(r.last) >= mostRejected {
		r.last = make(map[string]*rejectedBody)
	}
	r.last[path] = &rejectedBody{sum, wrong}
}

func (r *rejectedBodies) get(path string) *rejectedBody {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last[path]
}

// known is what the upstream has sent before in the place of the file; nil if nothing.
func (f *fetch) known() *rejectedBody { return f.client.rejected.get(f.client.path(f.req.Item)) }

// looks bounds how many zips are looked at side by side: as many as go would hash, so
// that what their directories take in memory is about the same.
var looks = make(chan struct{}, runtime.GOMAXPROCS(0))

// examine checks a complete body. It notes a file that is wrong as it may be stored,
// and does not look again at the very bytes that were wrong before.
func (f *fetch) examine(res *http.Response, file *File, expect modproxy.Expect) (wrong *modproxy.Invalid, stored bool) {
	if known := f.known(); known != nil && sumOf(f.body) == known.sum {
		return known.wrong, true
	}
	if f.req.Item.Kind == modproxy.Zip {
		looks <- struct{}{}
		defer func() { <-looks }()
	}
	err := modproxy.Validate(f.req.Item, f.body, expect)
	file.Unread = errors.Is(err, modproxy.ErrDirectory)
	if !errors.As(err, &wrong) {
		return nil, false
	}
	if mayBeStored(f.req.Item.Kind, res, f.body) {
		f.client.rejected.note(f.client.path(f.req.Item), f.body, wrong)
	}
	return wrong, false
}

func sumOf(body *spool.Body) (sum [sha256.Size]byte) {
	h := sha256.New()
	io.Copy(h, body.Reader())
	h.Sum(sum[:0])
	return sum
}

// mayBeStored reports whether a wrong body is a whole zip or go.mod all the same. A
// page, XML, JSON or a line of text in the place of one is a portal or an outage, which
// passes; so is a body that may have been cut.
func mayBeStored(k modproxy.Kind, res *http.Response, body *spool.Body) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(modproxy.Head(body), []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 || bytes.IndexByte([]byte("<{["), head[0]) >= 0 {
		return false
	}
	announced := res.ContentLength >= 0 || res.Uncompressed
	switch k {
	case modproxy.Mod:
		return announced && hasModuleLine(body)
	case modproxy.Zip:
		if _, err := modproxy.OpenZip(body, body.Size()); err == nil {
			return true
		}
		return announced && !strings.HasPrefix(http.DetectContentType(head), "text/")
	}
	return false
}

func hasModuleLine(body *spool.Body) bool {
	data, _ := io.ReadAll(body.Reader())
	for line := range bytes.Lines(data) {
		if bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("module")) {
			return true
		}
	}
	return false
}
