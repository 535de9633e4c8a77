package relay

import (
	"slices"
	"sync"
	"time"
)

const (
	// hedgeSample is how many latencies are remembered: enough for a twentieth.
	hedgeSample = 64
	// hedgeEnough is how many make "the slowest twentieth" mean something.
	hedgeEnough = 20
	// servingFor is how long a good answer says that an upstream is up.
	servingFor = 2 * time.Second
	// emptyAfter is how many known versions an upstream may lack, each asked for
	// with patience, before it counts as one that has nothing: a new or mistaken
	// address, and not a mirror that lags behind.
	emptyAfter = 2
)

// A conduct is how an upstream has answered in this invocation. The zero value is
// that of one that was not asked yet.
type conduct struct {
	mu        sync.Mutex
	served    bool // it has given a file
	lastFile  time.Time
	lacked    int             // known versions that it was asked for in vain, with patience
	damaged   bool            // it has served damage
	latencies []time.Duration // of the last answers, a ring
	heard     int             // answers in all
	http2     bool            // the last one came by HTTP/2
}

// answered notes how long an answer's header took, and by which protocol.
func (c *conduct) answered(took time.Duration, http2 bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.http2 = http2
	if len(c.latencies) < hedgeSample {
		c.latencies = append(c.latencies, took)
	} else {
		c.latencies[c.heard%hedgeSample] = took
	}
	c.heard++
}

// hedgeAfter is the larger of the policy's delay and the slowest twentieth of
// what was seen.
func (c *conduct) hedgeAfter(least time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.latencies) < hedgeEnough {
		return least
	}
	sorted := slices.Sorted(slices.Values(c.latencies))
	return max(least, sorted[len(sorted)*19/20])
}

// distance is the quickest answer: it tells how long the way is. The others may
// have waited for a connection, or for a processor. ok is false before the first.
func (c *conduct) distance() (d time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.latencies) == 0 {
		return 0, false
	}
	return slices.Min(c.latencies), true
}

// shares reports whether requests share a connection, over which nothing came that
// was damaged.
func (c *conduct) shares() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.http2 && !c.damaged
}

// gave notes a good file.
func (c *conduct) gave(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served, c.lastFile = true, now
}

// answers reports whether any file came.
func (c *conduct) answers() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.served
}

// serving reports whether one has just come.
func (c *conduct) serving(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.served && now.Sub(c.lastFile) < servingFor
}

// gaveSince reports whether a good file came after some time.
func (c *conduct) gaveSince(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.served && c.lastFile.After(t)
}

// lack notes a known version that was asked for in vain, with patience.
func (c *conduct) lack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lacked++
}

// empty reports whether it seems to have nothing.
func (c *conduct) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.served && c.lacked >= emptyAfter
}

// suspect notes damage: zips are verified in full from now on.
func (c *conduct) suspect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.damaged = true
}

func (c *conduct) suspected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.damaged
}
