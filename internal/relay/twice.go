package relay

import "time"

// believed is how many times in a row an https server has to refuse with a 4xx before
// that is its answer: since go1.24, cmd/go asks each https URL that answers so once
// more, always (get in web/http.go), and is what a person compares us with.
const believed = 2

// clockStep is what a certificate's time is waited beyond: it counts in seconds.
const clockStep = 100 * time.Millisecond

// countRefusal counts the answers in a row that are a 4xx.
func (q *question) countRefusal() {
	if q.denied == nil {
		q.refusals = 0
		return
	}
	q.refusals++
}

// asGo reports whether go would ask the server once more, at once.
func (q *question) asGo() bool {
	return q.denied != nil && q.url.Scheme == "https" && q.refusals < believed
}
