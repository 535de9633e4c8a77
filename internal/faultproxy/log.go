package faultproxy

import (
	"net/http"
	"time"
)

// A Request is what a client asked, for assertions.
type Request struct {
	Time   time.Time
	Method string
	Host   string
	Path   string // as sent, module paths with their ! escapes
	Proto  string // HTTP/1.1 or HTTP/2.0
	Header http.Header
	Fault  string // what the answer suffered, empty for an honest one
}

func newRequest(r *http.Request, now time.Time, fault *Fault) Request {
	q := Request{
		Time:   now,
		Method: r.Method,
		Host:   r.Host,
		Path:   r.URL.Path,
		Proto:  r.Proto,
		Header: r.Header.Clone(),
	}
	if fault != nil {
		q.Fault = fault.String()
	}
	return q
}

// Requests are all requests so far, in the order of arrival.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.log...)
}

// Count tells how many requests had a path that the pattern matches.
func (p *Proxy) Count(pattern string) int {
	n := 0
	for _, r := range p.Requests() {
		if matchPath(pattern, r.Path) {
			n++
		}
	}
	return n
}

// Forget empties the log.
func (p *Proxy) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = nil
}
