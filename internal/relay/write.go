package relay

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/upstream"
)

// write sends a result to go. A failure below HTTP, and content that go must not see,
// become a status that the Rewriter knows.
func (r *Relay) write(w http.ResponseWriter, req *http.Request, a prefetch.Result) {
	e, head := a.Failure(), req.Method == http.MethodHead
	switch {
	case e == nil:
		serveFile(w, a.File, head)
	case e.Invalid != nil && !e.Invalid.Unfit:
		serveFile(w, e.File, head)
	case e.Status == 0:
		hijack(w, "502 "+r.errorIDs.name(e), "", nil)
	default:
		writeAnswer(w, e.Answer, head)
	}
}

func serveFile(w http.ResponseWriter, f *upstream.File, head bool) {
	setType(w, f.Type)
	w.Header().Set("Content-Length", strconv.FormatInt(f.Body.Size(), 10))
	if !head {
		io.Copy(w, f.Body.Reader()) // go is gone if that fails
	}
}

func writeAnswer(w http.ResponseWriter, a upstream.Answer, head bool) {
	if head {
		a.Detail = nil
	}
	if words := http.StatusText(a.Status); words == "" || a.Reason != fmt.Sprintf("%d %s", a.Status, words) {
		hijack(w, a.Reason, a.Type, a.Detail)
		return
	}
	setType(w, a.Type)
	w.WriteHeader(a.Status)
	w.Write(a.Detail)
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
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n", upstream.OneLine(status), len(body))
	if typ != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\n", upstream.OneLine(typ))
	}
	b.WriteString("\r\n")
	b.Write(body)
	io.WriteString(conn, b.String())
}
