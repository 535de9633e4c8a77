package relay

import "time"

// believed is how many times in a row an https server has to refuse with a 4xx before
// that is its answer: cmd/go asks each https URL that answers so once more, always
// (get in web/http.go), and is what a person compares us with.
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

// asksOnceMore reports whether the server is asked again, at once, since go would do
// so. That is no retry: no policy and no limit has a say in it, and nothing counts as
// healed that plain go gets as well. Where waiting may help, as after a 429, it comes
// last: it is for what would not be asked again.
func (q *question) asksOnceMore() bool {
	if q.denied == nil || q.url.Scheme != "https" || q.refusals >= believed {
		return false
	}
	q.repeats++
	q.wait, q.patient = 0, false
	return true
}
