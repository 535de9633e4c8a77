package relay

import (
	"net/http"
	"runtime"
	"time"

	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/prefetch"
)

// A zip with more files than are looked at costs go a multiple of its size in memory,
// for as long as it hashes it. We let go fetch more modules at a time than it would by
// itself, so these are handed out as it would fetch them: as many at a time as there
// are processors.

const (
	// entryTime is how long go has to do with each file: some hundred thousand a second.
	entryTime = 5 * time.Microsecond
	// mostHashing is how long the next one waits at most.
	mostHashing = 10 * time.Second
)

var handedOut = make(chan struct{}, runtime.GOMAXPROCS(0))

// handOut writes an answer, if need be after others.
func (r *Relay) handOut(w http.ResponseWriter, req *http.Request, a prefetch.Result) {
	if !a.Good() || !a.File.Unread {
		r.write(w, req, a)
		return
	}
	select {
	case handedOut <- struct{}{}:
	case <-req.Context().Done():
		abort()
	}
	r.unread.Store(true)
	hashing := time.Duration(modproxy.CountEntries(a.File.Body.Reader())) * entryTime
	defer time.AfterFunc(min(hashing, mostHashing), func() { <-handedOut })
	r.write(w, req, a)
}

// Unread reports whether go was given a zip that nobody has looked at. What go then
// says of content is all that can be known.
func (r *Relay) Unread() bool { return r.unread.Load() }
