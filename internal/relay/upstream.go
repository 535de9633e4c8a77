package relay

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/policy"
	"github.com/hashicorp/go-retryablehttp"
)

// An upstream is one proxy, however many entries name it.
type upstream struct {
	base    *url.URL
	shown   string // base, redacted as go redacts it
	host    string // for the journal
	client  *retryablehttp.Client
	lines   *lines
	breaker *breaker

	mu        sync.Mutex
	good      int        // answers that were fine, or that were final and the server's own
	retries   int        // requests beyond the first of a question
	trying    int        // retries that are not yet at their end
	turn      *sync.Cond // signalled when good or trying changes; its lock is mu
	served    bool       // it has given a file
	lacked    int        // see noteLack
	lastFile  time.Time
	damaged   bool
	latencies []time.Duration // of the last answers, a ring
	asked     int
	http2     bool
}

func (r *Relay) newUpstream(base *url.URL) *upstream {
	u := &upstream{base: base, shown: base.Redacted(), host: base.Host}
	u.turn = sync.NewCond(&u.mu)
	u.lines = &lines{make: r.newTransport}
	u.client = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     &guard{up: u},
			CheckRedirect: checkRedirect,
		},
		// The schedule is ours: CheckRetry decides, PrepareRetry waits.
		RetryMax:     1 << 20,
		CheckRetry:   checkRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 },
		PrepareRetry: prepareRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	b := r.config.Policy.Breaker
	u.breaker = &breaker{name: healthName(base), health: &r.health, failures: b.Failures, cooldown: b.Cooldown}
	r.confide(base)
	return u
}

// confide tells the journal what to keep to itself: the path of an address that
// not everyone knows. It may be a token.
func (r *Relay) confide(base *url.URL) {
	if !policy.WellKnownProxy(base) {
		r.config.Recorder.Hide(base)
	}
	for word := range strings.FieldsSeq(r.config.Settings.Get("GOSUMDB")) { // a name, and perhaps an address
		if u, err := url.Parse(word); err == nil && u.Host != "" {
			r.config.Recorder.Hide(u)
		}
	}
}

// maxRedirects is net/http's own number, as cmd/go has it.
const maxRedirects = 10

// checkRedirect refuses what cmd/go refuses, in its words. What credentials go
// along is decided by net/http, for go as for us: those that it knows (see
// shouldCopyHeaderOnRedirect) stay with the host and its subdomains, whatever the
// port, and a header of GOAUTH's own invention follows everywhere. None are
// looked up for where a redirect leads.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		last := via[len(via)-1].URL
		return fmt.Errorf("redirected from secure URL %s to insecure URL %s", last.Redacted(), req.URL.Redacted())
	}
	if len(via) >= maxRedirects {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}

const (
	// hedgeSample is how many latencies are remembered: enough for a twentieth.
	hedgeSample = 64
	// hedgeEnough is how many make "the slowest twentieth" mean something.
	hedgeEnough = 20
)

// answered notes how long an answer's header took, and by which protocol.
func (u *upstream) answered(took time.Duration, http2 bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.http2 = http2
	if len(u.latencies) < hedgeSample {
		u.latencies = append(u.latencies, took)
	} else {
		u.latencies[u.asked%hedgeSample] = took
	}
	u.asked++
}

// hedgeAfter is the larger of the policy's delay and the slowest twentieth of
// what was seen.
func (u *upstream) hedgeAfter(least time.Duration) time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.latencies) < hedgeEnough {
		return least
	}
	sorted := slices.Sorted(slices.Values(u.latencies))
	return max(least, sorted[len(sorted)*19/20])
}

// wide reports whether it can take many requests at once: they share a
// connection, and few have failed so far. Broken streams are lived with, a
// service that has trouble with every second request is spared.
func (u *upstream) wide() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.http2 && 2*u.retries <= u.good && !u.damaged
}

// answers reports whether it has given any good answer.
func (u *upstream) answers() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.served
}

// emptyAfter is how many known versions an upstream may lack, each asked for with
// patience, before it counts as one that has nothing: a new or mistaken address,
// and not a mirror that lags behind.
const emptyAfter = 2

// noteLack counts the versions that were asked for in vain, with patience.
func (u *upstream) noteLack(s situation) {
	if missing(s.failure.Class) && s.known && s.tries > len(missingWaits) {
		u.mu.Lock()
		u.lacked++
		u.mu.Unlock()
	}
}

func (u *upstream) empty() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return !u.served && u.lacked >= emptyAfter
}

// suspect marks an upstream that has served damage: its zips are verified in
// full from now on.
func (u *upstream) suspect() {
	u.mu.Lock()
	u.damaged = true
	u.mu.Unlock()
}

func (u *upstream) suspected() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.damaged
}
