// Package limit holds requests to one upstream back, so that an upstream that has
// trouble is spared, and is not given more than it takes.
//
//   - An [Outage] lets one request at a time through while an upstream is down.
//   - A [Concurrency] limits how many run side by side.
//   - A [Retries] keeps retries in proportion to good answers.
//   - A [Wait] is the time that one command may lose to failures.
//
// None of them decides whether a request is made again; that is package retry's. A new
// limit is a type here, acquired before an attempt and released with its [Result], beside
// the others in permits.go of package upstream.
package limit

import (
	"context"
	"net/http"
	"time"
)

// A Result is what became of a request, as far as it tells of the upstream.
type Result struct {
	Sign   Sign
	Status int           // of the answer; 0: none came
	Cut    bool          // the connection broke before there was an answer
	Module string        // whose file was asked for
	File   string        // that file
	After  time.Duration // what the answer asks to wait
	Err    error         // the failure; those who are not let through get it, too
}

// A File is what a request asks for.
type File struct{ Module, Path string }

// A Sign is what a result says of the upstream.
type Sign int

const (
	Nothing  Sign = iota // the request was cancelled
	Answered             // it is there
	Silent               // nobody answered: no such host, refused
	Busy                 // it was asked too often (429)
	Troubled             // any other failure that may be everybody's
)

func (r Result) relief() bool { return Relief(r.Status) }

// SignOf is what a status says of a server.
func SignOf(status int) Sign {
	switch {
	case status == http.StatusTooManyRequests:
		return Busy
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return Troubled
	}
	return Answered
}

// Relief reports whether a status may ask for fewer requests: the server has enough to
// do for now.
func Relief(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// A Clock tells the time, and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits for d, or until the context ends and then returns its error.
	Sleep(ctx context.Context, d time.Duration) error
}

// Enter waits until an upstream may be asked, and until there is room. answered must
// be called with what the request's header said, or its failure, and release at the
// request's end; who asks is known by the file. A probe needs no room: it is the only one.
func Enter(ctx context.Context, o *Outage, c *Concurrency, who File) (answered func(Result), release func(Result) (turnedAway bool), err error) {
	for {
		answered, probes, err := o.acquire(ctx, who)
		if err != nil {
			return nil, nil, err
		}
		if probes || c == nil {
			return answered, func(Result) bool { return false }, nil
		}
		release, err := c.Acquire(ctx)
		if err != nil {
			return nil, nil, err
		}
		if !o.IsDown() {
			return answered, release, nil
		}
		release(Result{}) // it went down while we waited for room
	}
}
