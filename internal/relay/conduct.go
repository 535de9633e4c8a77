package relay

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
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
	up        bool // it has answered, and not with a failure that may be everybody's
	taken     bool // it has at least taken a request
	small     item // a small file that it has given; of no kind: none
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
func (c *conduct) gave(it item, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.served, c.lastFile = true, now
	if it.exact() && it.kind != kindZip {
		c.small = it
	}
}

// servedFile is a small file that it has given, and can give again.
func (c *conduct) servedFile() (item, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.small, c.small.kind != ""
}

// answeredOnce notes an answer that says that it is up.
func (c *conduct) answeredOnce() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up = true
}

// tookOne notes a request that it took, and broke off.
func (c *conduct) tookOne() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken = true
}

// reached reports whether it was there in this command, where a failure says that it is
// not now: it has answered, and refuses, or asks for fewer requests, or fails for what
// it has given as well; or it has taken requests, and refuses them now.
func (c *conduct) reached(f classify.Failure) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	sure := f.Unreachable() || f.Status == http.StatusTooManyRequests || c.small.kind != ""
	return c.up && sure || c.taken && f.Unreachable()
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
