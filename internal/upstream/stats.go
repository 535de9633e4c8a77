package upstream

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modproxy"
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

// stats are how an upstream has answered in this process. The zero value is that of one
// that was not asked yet.
type stats struct {
	mu   sync.Mutex
	past past
}

// A past is what stats have; it is copied to be read.
type past struct {
	served    bool          // it has given a file
	up        [2]bool       // it has answered, and not with a failure that may be everybody's; by service
	taken     bool          // it has at least taken a request
	small     modproxy.Item // a small file that it has given; of no kind: none
	lastFile  time.Time
	missed    int                        // known versions that it was asked for in vain, with patience
	damaged   bool                       // it has served damage: zips are verified in full from now on
	answers   int                        // in all
	latencies [hedgeSample]time.Duration // of the last answers, a ring
	http2     bool                       // the last answer came by HTTP/2
}

func (s *stats) get() past {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.past
}

func (s *stats) edit(f func(*past)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.past)
}

// answered notes how long an answer's header took, and by which protocol.
func (s *stats) answered(took time.Duration, http2 bool) {
	s.edit(func(p *past) {
		p.latencies[p.answers%hedgeSample] = took
		p.answers++
		p.http2 = http2
	})
}

// isUp notes an answer that says that it is up. Whether it carries a checksum database it
// says itself, and not the database behind it.
func (s *stats) isUp(k modproxy.Kind) {
	if k != modproxy.Supported {
		s.edit(func(p *past) { p.up[service(k)] = true })
	}
}

// missed notes a known version that was asked for in vain, with patience.
func (s *stats) missed() { s.edit(func(p *past) { p.missed++ }) }

// An ending is how an attempt has ended, as far as it tells of the upstream.
type ending struct {
	file    bool // a good file came
	damaged bool // a file came that was no good
	cut     bool // it took the request, and broke the connection before an answer
}

// ended notes the end of an attempt.
func (s *stats) ended(e ending, it modproxy.Item, now time.Time) {
	s.edit(func(p *past) {
		p.damaged = p.damaged || e.damaged
		p.taken = p.taken || e.cut
		if e.file {
			p.served, p.lastFile = true, now
		}
		if e.file && it.Exact() && it.Kind != modproxy.Zip {
			p.small = it
		}
	})
}

// service is what of an upstream a file is asked of: the files, or the checksum database
// behind it.
func service(k modproxy.Kind) int {
	if k.SumDB() {
		return 1
	}
	return 0
}

func (p past) sample() []time.Duration { return p.latencies[:min(p.answers, hedgeSample)] }

// hedgeAfter is the larger of the policy's delay and the slowest twentieth of
// what was seen.
func (p past) hedgeAfter(least time.Duration) time.Duration {
	if p.answers < hedgeEnough {
		return least
	}
	sorted := slices.Sorted(slices.Values(p.sample()))
	return max(least, sorted[len(sorted)*19/20])
}

// quickest is the quickest answer: it tells how far away the upstream is. The others may
// have waited for a connection, or for a processor. ok is false before the first.
func (p past) quickest() (d time.Duration, ok bool) {
	if p.answers == 0 {
		return 0, false
	}
	return slices.Min(p.sample()), true
}

// shares reports whether requests share a connection, over which nothing came that
// was damaged.
func (p past) shares() bool { return p.http2 && !p.damaged }

// reached reports whether it was there in this command, where a failure says that it is
// not now: it has answered, and refuses, or asks for fewer requests, or fails for what
// it has given as well; or it has taken requests, and refuses them now.
func (p past) reached(f classify.Failure, service int) bool {
	sure := f.Unreachable() || f.Status == http.StatusTooManyRequests || p.small.Kind != "" && service == 0
	return p.up[service] && sure || p.taken && f.Unreachable()
}

// serving reports whether a file has just come.
func (p past) serving(now time.Time) bool { return p.served && now.Sub(p.lastFile) < servingFor }

// empty reports whether it seems to have nothing.
func (p past) empty() bool { return !p.served && p.missed >= emptyAfter }
