package classify

import (
	"slices"
	"strconv"
	"strings"
)

// HTTP classifies an HTTP answer of a module proxy, or of a checksum database
// where sumdb is set. Body is the beginning of the answer's text: the public
// proxy and database report their own trouble as 404 and 410, and only the
// words tell (https://github.com/golang/go/issues/72134).
func HTTP(status int, body string, sumdb bool) Failure {
	f := statusFailure(status, serverSays(body), sumdb)
	f.Evidence = strconv.Itoa(status)
	if first, _, _ := strings.Cut(strings.TrimSpace(body), "\n"); first != "" {
		f.Evidence += ": " + evidence(first)
	}
	f.Advice = advise(f)
	return f
}

// words are what the text of an answer tells about its reason.
type words struct {
	trouble bool // the service itself failed on the way to the origin
	refused bool // the origin wants credentials, which a service never has
	unknown bool // the origin does not have that version
	limited bool // a limit of requests, whatever the status
}

func serverSays(body string) words {
	var w words
	for _, h := range table().all(body) {
		switch sig := &signatures()[h.id]; {
		case sig.role == mark || sig.role == weak || sig.role == shape:
		case sig.class == VCSAuth && sig.role != weak:
			w.refused = true
		case sig.kind == "unknown-revision":
			w.unknown = true
		case sig.text == "no such host": // the service's resolver works: a private name
		case sig.retry && slices.Contains(onTheWay, sig.class):
			w.trouble = true
		}
	}
	low := strings.ToLower(body)
	w.trouble = w.trouble || strings.Contains(low, "fetch timed out")
	w.limited = strings.Contains(low, "rate limit") || strings.Contains(low, "too many requests")
	return w
}

// onTheWay are the classes of failures below HTTP.
var onTheWay = []Class{DNS, Connect, Timeout, Reset, Truncated, HTTP2, TLSHandshake, VCSNetwork}

func statusFailure(status int, w words, sumdb bool) Failure {
	f := Failure{Status: status}
	f.Class, f.Transient = statusClass(status, w)
	if sumdb {
		f.Class, f.Transient = sumdbClass(f, w)
	}
	switch {
	case f.Class != NotFound && f.Class != Gone && f.Class != SumDBMissing:
	case w.trouble && !w.refused:
		f.Kind = "service-trouble"
	case w.unknown:
		f.Kind = "unknown-revision"
	}
	return f
}

func statusClass(status int, w words) (Class, bool) {
	service := w.trouble && !w.refused
	switch {
	case status == 401:
		return Unauthorized, false
	case status == 407, status == 511: // 511: a network that wants a login
		return HTTPProxy, false
	case status == 408, status == 425:
		return ServerError, true
	case status == 429, status == 403 && w.limited:
		return RateLimited, true
	case status == 402, status == 403, status == 451:
		return Forbidden, false
	case status == 410:
		return Gone, service
	case status >= 400 && status < 500:
		return NotFound, service
	case status >= 500:
		return ServerError, status != 501 && status != 505
	}
	// A redirect or an empty success: not what was asked for. A 304 that no condition
	// asked for is the answer of a cache to another client.
	return BadContent, status == 304
}

// sumdbClass is the class of an answer of the checksum database. What it does
// not know of a version that a proxy has served is mostly a fresh release: the
// database has not seen it yet (https://github.com/goreleaser/goreleaser/issues/6437).
func sumdbClass(f Failure, w words) (Class, bool) {
	switch f.Class {
	case NotFound, Gone:
		if f.Status == 404 || f.Status == 410 {
			return SumDBMissing, !w.refused && (w.trouble || w.unknown)
		}
		return SumDBUnreachable, false
	case Unauthorized, HTTPProxy:
		return f.Class, false
	case Forbidden:
		return SumDBUnreachable, false
	}
	return SumDBUnreachable, f.Transient
}
