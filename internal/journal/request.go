package journal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/mask"
)

// A Reason says why a request was made.
type Reason string

// The reasons. A request has the first that holds, from the bottom up.
const (
	Asked  Reason = "asked"  // go asked for the file
	Ahead  Reason = "ahead"  // go is going to ask for it
	Rotate Reason = "rotate" // in the place of another upstream, which failed
	Retry  Reason = "retry"  // the same once more, after a failure
	Resume Reason = "resume" // for the rest of a body that broke off
	Hedge  Reason = "hedge"  // a second start, beside one without an answer
)

// A Request is one request that an invocation made of an upstream. It has
// neither a URL nor a header, and so no secrets. Times are nanoseconds.
type Request struct {
	Start    time.Duration  `json:"start"`            // from the invocation's
	Wait     time.Duration  `json:"wait,omitempty"`   // before it: for a retry, a turn, an upstream that was down
	Header   time.Duration  `json:"header,omitempty"` // until the answer began; 0: it did not
	Took     time.Duration  `json:"took"`             // until the answer, or the attempt, was over
	Upstream string         `json:"upstream"`         // host[:port]
	Module   string         `json:"module,omitempty"`
	Private  bool           `json:"private,omitempty"` // as in Event
	Version  string         `json:"version,omitempty"`
	File     string         `json:"file"` // as in Event
	Reason   Reason         `json:"reason"`
	Attempt  int            `json:"attempt"`           // 1 is the first of this file, here
	Status   int            `json:"status,omitempty"`  // of HTTP; 0: there was no answer
	Class    classify.Class `json:"class,omitempty"`   // of its failure; "": it did not fail
	Bytes    int64          `json:"bytes,omitempty"`   // of the body
	Dropped  bool           `json:"dropped,omitempty"` // nobody waited for its answer any more
}

// Subject is the module version that a request is about, "" if it is about
// none.
func (r Request) Subject() string { return subject(r.Module, r.Version) }

// End is when the request was over, from the invocation's start.
func (r Request) End() time.Duration { return r.Start + r.Took }

// Failed reports whether a request failed. That a file does not exist is an
// answer.
func (r Request) Failed() bool { return r.Class != "" && r.Class != classify.NotFound }

// Totals are what the requests of an invocation come to.
type Totals struct {
	Count   int           `json:"count"`
	Failed  int           `json:"failed,omitempty"`
	Bytes   int64         `json:"bytes,omitempty"`
	Waited  time.Duration `json:"waited,omitempty"`   // nanoseconds of wall-clock time in which one waited to be made
	NotKept int           `json:"not_kept,omitempty"` // of Count, beyond the bound
}

// Add counts one request. What was waited is left out: several wait side by side.
func (t *Totals) Add(q Request) {
	t.Count++
	t.Bytes += q.Bytes
	if q.Failed() {
		t.Failed++
	}
}

// maxRequests are the requests of one invocation that are kept: about a
// megabyte, and more than the largest projects make. What is beyond is
// counted.
const maxRequests = 5000

// requests are those of one invocation; the Recorder's lock guards them.
type requests struct {
	list   []Request
	totals Totals
}

func (r *requests) add(q Request) {
	r.totals.Add(q)
	if len(r.list) >= maxRequests {
		r.totals.NotKept++
		return
	}
	r.list = append(r.list, q)
}

// sum returns the totals, nil where no request was made.
func (r *requests) sum() *Totals {
	if r.totals.Count == 0 {
		return nil
	}
	t := r.totals
	t.Waited = Union(r.list, func(q Request) (from, to time.Duration) { return q.Start - q.Wait, q.Start })
	return &t
}

// AddRequest records a request that began at a time of the Recorder's clock.
func (r *Recorder) AddRequest(began time.Time, q Request) {
	if r == nil {
		return
	}
	q.Start = began.Sub(r.start)
	q.Upstream, q.Module, q.Version = bare(q.Upstream), mask.Line(q.Module), mask.Line(q.Version)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests.add(q)
}

// Requests returns what was recorded so far, in the order of their starts.
func (r *Recorder) Requests() []Request {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.requests.list)
	for i := range list {
		list[i].Private = r.isPrivate(list[i].Module)
	}
	slices.SortStableFunc(list, func(a, b Request) int { return cmp.Compare(a.Start, b.Start) })
	return list
}

// bare is a host without the userinfo that should not be there.
func bare(host string) string { return mask.Line(host[strings.LastIndexByte(host, '@')+1:]) }

// Union is the time that intervals cover: several side by side count once.
// Empty ones cost nothing.
func Union[T any](list []T, interval func(T) (from, to time.Duration)) time.Duration {
	type span struct{ from, to time.Duration }
	var spans []span
	for _, v := range list {
		if from, to := interval(v); to > from {
			spans = append(spans, span{from, to})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var total, end time.Duration
	for i, s := range spans {
		if i == 0 || s.from > end {
			end = s.from
		}
		total += max(0, s.to-end)
		end = max(end, s.to)
	}
	return total
}
