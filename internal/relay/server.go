package relay

import (
	"net/http"
	"strings"

	"github.com/gosteady/gosteady/internal/modproxy"
)

// handle answers go.
func (r *Relay) handle(w http.ResponseWriter, req *http.Request) {
	rest, ok := r.port.admits(req)
	if !ok {
		refuse(w)
		return
	}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	r.used.Store(true)
	r.learnt.Do(r.learnKnown)
	number, path, _ := strings.Cut(rest, "/")
	if number == mirrorPath && r.sumdb.mirrors != nil {
		r.serveMirror(w, req, path)
		return
	}
	e := r.endpoint(number)
	if e == nil {
		refuse(w)
		return
	}
	it, err := modproxy.Parse(path)
	if err != nil {
		r.refusePath(w, path, err)
		return
	}
	r.start.Do(func() { r.prefetch.Start(r.wanted()) })
	r.serveItem(w, req, e, it)
}

// learnKnown reads what is known of versions. It waits for the first request:
// most commands make none.
func (r *Relay) learnKnown() {
	if r.config.Known != nil {
		r.config.Sums, r.config.Required = r.config.Known()
	}
}

// refuse is for untrusted clients, whose connections are not kept. It is no 404: a go
// command of another invocation would take that for a module that does not exist.
func refuse(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	http.Error(w, "not yours", http.StatusForbidden)
}

// refusePath is for what go never asks a proxy. Whoever knows the relay's address
// could otherwise have it ask the proxy's server for anything, with the credentials
// that are for modules.
func (r *Relay) refusePath(w http.ResponseWriter, path string, err error) {
	r.debugf("refused, %v: %q", err, path)
	http.Error(w, err.Error(), http.StatusForbidden)
}

func (r *Relay) serveItem(w http.ResponseWriter, req *http.Request, e *endpoint, it modproxy.Item) {
	r.record.requested()
	since := r.now()
	a, done := r.prefetch.Get(req.Context(), e.index, it)
	defer done()
	if a.Cancelled() {
		abort() // go is gone, or we are
	}
	r.answered(e, it, a, since)
	r.sumdb.noteDenial(e, it, a)
	if a.Good() {
		r.prefetch.LookUp(it)
	}
	r.handOut(w, req, a)
}

// abort ends a request without an answer: a handler that merely returns has
// answered "200 OK" with nothing in it, an empty list of versions.
func abort() { panic(http.ErrAbortHandler) }
