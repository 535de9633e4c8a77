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
	mu        sync.Mutex
	served    bool          // it has given a file
	up        [2]bool       // it has answered, and not with a failure that may be everybody's: files, and the database behind it
	taken     bool          // it has at least taken a request
	small     modproxy.Item // a small file that it has given; of no kind: none
	lastFile  time.Time
	lacked    int             // known versions that it was asked for in vain, with patience
	damaged   bool            // it has served damage: zips are verified in full from now on
	latencies []time.Duration // of the last answers, a ring
	heard     int             // answers in all
	http2     bool            // the last one came by HTTP/2
}

// answered notes how long an answer's header took, and by which protocol.
func (s *stats) answered(took time.Duration, http2 bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.http2 = http2
	if len(s.latencies) < hedgeSample {
		s.latencies = append(s.latencies, took)
	} else {
		s.latencies[s.heard%hedgeSample] = took
	}
	s.heard++
}

// hedgeAfter is the larger of the policy's delay and the slowest twentieth of
// what was seen.
func (s *stats) hedgeAfter(least time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.latencies) < hedgeEnough {
		return least
	}
	sorted := slices.Sorted(slices.Values(s.latencies))
	return max(least, sorted[len(sorted)*19/20])
}

// quickest is the quickest answer: it tells how far away the upstream is. The others may
// have waited for a connection, or for a processor. ok is false before the first.
func (s *stats) quickest() (d time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.latencies) == 0 {
		return 0, false
	}
	return slices.Min(s.latencies), true
}

// shares reports whether requests share a connection, over which nothing came that
// was damaged.
func (s *stats) shares() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.http2 && !s.damaged
}

// isUp notes an answer that says that it is up. Whether it carries a checksum database it
// says itself, and not the database behind it.
func (s *stats) isUp(k modproxy.Kind) {
	if k == modproxy.Supported {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up[service(k)] = true
}

// service is what of an upstream a file is asked of: the files, or the checksum database
// behind it.
func service(k modproxy.Kind) int {
	if k.SumDB() {
		return 1
	}
	return 0
}

// An ending is how an attempt has ended, as far as it tells of the upstream.
type ending struct {
	file    bool // a good file came
	damaged bool // a file came that was no good
	cut     bool // it took the request, and broke the connection before an answer
}

// ended notes the end of an attempt.
func (s *stats) ended(e ending, it modproxy.Item, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damaged = s.damaged || e.damaged
	s.taken = s.taken || e.cut
	if !e.file {
		return
	}
	s.served, s.lastFile = true, now
	if it.Exact() && it.Kind != modproxy.Zip {
		s.small = it
	}
}

// servedFile is a small file that it has given, and can give again.
func (s *stats) servedFile() (modproxy.Item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.small, s.small.Kind != ""
}

// reached reports whether it was there in this command, where a failure says that it is
// not now: it has answered, and refuses, or asks for fewer requests, or fails for what
// it has given as well; or it has taken requests, and refuses them now.
func (s *stats) reached(f classify.Failure, service int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sure := f.Unreachable() || f.Status == http.StatusTooManyRequests || s.small.Kind != "" && service == 0
	return s.up[service] && sure || s.taken && f.Unreachable()
}

// hasServed reports whether any file came.
func (s *stats) hasServed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served
}

// serving reports whether one has just come.
func (s *stats) serving(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served && now.Sub(s.lastFile) < servingFor
}

// servedSince reports whether a good file came after some time.
func (s *stats) servedSince(t time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served && s.lastFile.After(t)
}

// lack notes a known version that was asked for in vain, with patience.
func (s *stats) lack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lacked++
}

// empty reports whether it seems to have nothing.
func (s *stats) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.served && s.lacked >= emptyAfter
}

// hasDamaged reports whether any file was no good.
func (s *stats) hasDamaged() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.damaged
}
