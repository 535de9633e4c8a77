package relay

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/policy"
)

const (
	// mostAtOnce is how many requests one upstream is given at a time at most: as
	// many as go makes where we widen it, and those that are ahead of it.
	mostAtOnce = 64
	// crowdPatience is how long a request waits for others to end. Where all of
	// them are slow, one more does no harm.
	crowdPatience = 2 * time.Second
	// turnedAwayTries is how often one question may be turned away before that is a
	// failure like any other.
	turnedAwayTries = 4
	// turnedAwayBusy is the same for 429: it may be for the rate of requests, and not
	// their number at a time, and then waiting is what helps.
	turnedAwayBusy = 2
	// crowdStrikes is how often one of a crowd no larger than go's may be turned away,
	// before the size is taken to have nothing to do with it.
	crowdStrikes = 2
	// crowdRow is how many may be turned away in a row, before the size is taken to
	// matter after all.
	crowdRow = 8
	// crowdOutage is how many in a row are no crowd any more: nobody is served.
	crowdOutage = 32
)

// A crowd is the requests that one upstream has at the same time. Go itself asks
// for as many files as there are processors; we ask for more. A server that takes
// so many of one client and no more (nginx's limit_conn, a pool of workers, a
// proxy in an office) turns the others away, and that would be failures of our own
// making. So a crowd begins as small as go's and grows with every answer; when
// somebody is turned away, it is halved, and grows by one each time that all of it
// was answered, as TCP does.
//
// A server that turns away some of so few as go would send is not short of room:
// then its failures are met as such, and the size is not limited any more.
type crowd struct {
	least int // go's own

	mu      sync.Mutex
	open    int
	limit   int
	calm    int // answers since the limit was changed
	era     int // how often it was halved
	settled int // answers to those of this era
	strikes int
	free    bool          // the size is not limited
	row     int           // refusals since the last answer
	turn    chan struct{} // closed when there may be room
}

// A ticket is one request's place in a crowd.
type ticket struct {
	size int // of the crowd, with it
	era  int
}

func newCrowd() *crowd {
	least := max(2, runtime.GOMAXPROCS(0))
	return &crowd{least: least, limit: least, turn: make(chan struct{})}
}

// enter waits for room. leave must be called at the request's end.
func (c *crowd) enter(ctx context.Context) (ticket, error) {
	t, turn := c.take(false)
	if turn == nil {
		return t, nil
	}
	enough := time.NewTimer(crowdPatience)
	defer enough.Stop()
	for patient := true; turn != nil; t, turn = c.take(!patient) {
		select {
		case <-turn:
		case <-enough.C:
			patient = false
		case <-ctx.Done():
			return ticket{}, ctx.Err()
		}
	}
	return t, nil
}

// take lets one in if there is room, or anyway. Otherwise it returns what is closed
// when there may be.
func (c *crowd) take(anyway bool) (ticket, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.limit && !c.free && !anyway {
		return ticket{}, c.turn
	}
	c.open++
	return ticket{c.open, c.era}, nil
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	c.wake()
}

// wake has those who wait look again; the lock is held.
func (c *crowd) wake() {
	close(c.turn)
	c.turn = make(chan struct{})
}

// answered is told of an answer that is none of being turned away.
func (c *crowd) answered(t ticket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.row = 0
	if t.era == c.era {
		c.calm++
		c.settled++
	}
	switch {
	case c.era == 0:
		c.limit = min(c.limit+2, mostAtOnce)
	case c.calm >= c.limit:
		c.limit, c.calm = min(c.limit+1, mostAtOnce), 0
	}
	c.wake()
}

// refused is told of a request that was turned away, and reports whether that is
// for the size of the crowd.
func (c *crowd) refused(t ticket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.row++
	switch {
	case c.calm == 0 && c.era == 0, c.row >= crowdOutage: // nobody is answered yet, or any more
		return false
	case c.free:
		if c.row < crowdRow {
			return false
		}
		c.free, c.strikes, c.row = false, 0, 0
		c.halve(0)
		return true
	case t.era < c.era:
		return true // of the crowd that is smaller by now
	case t.size > c.least:
		c.halve(t.size)
		return true
	case c.era > 0 && c.settled < 2*c.least:
		return true // the server may not have seen the larger crowd leave yet
	}
	if c.strikes++; c.strikes >= crowdStrikes {
		c.free, c.row = true, 0
		c.wake()
	}
	return false
}

// halve makes a crowd of this size smaller; the lock is held.
func (c *crowd) halve(size int) {
	c.limit, c.calm, c.settled = max(c.least, size/2), 0, 0
	c.era++
}

// turnsAway reports whether a status may mean that a server has enough to do for
// now.
func turnsAway(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// turnedAway reports whether the last attempt failed for the crowd that it was in: go
// alone would have been served. Then it is asked again as soon as there is room, and
// does not count among the tries. A server that says how long to wait is obeyed, and
// a policy that says not to ask again; and where "|" follows, go has somebody else.
func (q *question) turnedAway() bool {
	f := *q.answer.failed
	tries := turnedAwayTries
	switch {
	case f.Status == http.StatusTooManyRequests:
		tries = turnedAwayBusy
	case f.Status == http.StatusServiceUnavailable:
	case f.Status != 0 || q.answer.inBody || q.answer.bad != nil:
		return false
	case f.Class != classify.Reset && f.Class != classify.Connect && f.Class != classify.Truncated:
		return false
	}
	if !q.it.exact() || q.after > 0 || q.away >= tries || q.place.pipe || !q.mayAskAgain(f) {
		return false
	}
	if !q.up.crowd.refused(q.ticket) || !q.up.retries.take() {
		return false
	}
	q.failures, q.trouble = append(q.failures, f), q.evidence()
	q.wait, q.patient = jittered(cutWait<<q.away, q.r.config.Rand), false
	q.away++
	return true
}

// mayAskAgain reports whether the policy lets a question be asked again at all.
func (q *question) mayAskAgain(f classify.Failure) bool {
	d := q.r.decide(q.it, f)
	return d.Has(policy.ActRetry) && d.Schedule(q.r.config.Policy.Retry).Attempts > 1
}
