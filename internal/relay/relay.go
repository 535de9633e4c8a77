// Package relay stands between one go command and its module proxies.
//
// # How it is used
//
// [Start] opens a server on loopback. The go command is run with the variables
// of [Relay.Env]: GOPROXY then names the relay where it named a proxy. Every
// line that go prints goes through a [Rewriter], so that a reader sees the
// proxy's name and go's own words. When go has ended, [Relay.ChildEnded]
// stops what was fetched ahead, and [Relay.Close] ends the rest and writes the
// failures to the journal.
//
// # What it promises
//
// The separators of GOPROXY keep their meaning, since each http(s) entry has
// an endpoint of its own and go itself goes from one to the next. An
// upstream's HTTP answer is passed on as it is. 404 and 410 are never
// invented. go.sum decides what is correct, and content that every upstream
// serves alike goes to go, which then stops with its own error. Nothing is
// asked of anyone whom GOPROXY or a trusted policy does not name.
//
// # How a failure travels
//
// A failure below HTTP has no status, and go must word it as if it had met it
// itself. The relay answers "502 gosteady-N" and remembers N; the Rewriter
// puts the words back.
package relay

import (
	"context"
	"errors"

	"github.com/gosteady/gosteady/classify"
)

// A Relay serves one invocation. Its methods are safe for concurrent use.
type Relay struct{}

// A Failure is a request of go's that was answered with a failure.
type Failure struct {
	classify.Failure
	File     string // "list", "info", "mod", "zip", "latest", "lookup", "tile", …
	Upstream string // URL, redacted
	Text     string // as go words it, redacted
}

// Start opens the relay. It fails with [ErrNothingToRelay] if there is no
// entry to stand in for, and with another error where loopback does not work:
// in both cases the command runs without a relay.
func Start(ctx context.Context, c Config) (*Relay, error) {
	return nil, errors.New("not built yet")
}

// GOPROXY returns the list for the go command.
func (r *Relay) GOPROXY() string { return "" }

// Env returns the variables of the go command that differ, as "NAME=value".
func (r *Relay) Env() []string { return nil }

// Rewriter returns a rewriter for plain lines, or for lines of JSON.
func (r *Relay) Rewriter(json bool) *Rewriter { return &Rewriter{} }

// Unhealed returns what was answered with a failure, oldest first.
func (r *Relay) Unhealed() []Failure { return nil }

// FromMemory makes the relay answer at once, from memory, whatever failed
// before: the command that comes now only words the failure.
func (r *Relay) FromMemory() {}

// Suspect makes the relay verify every zip in full from now on: go has
// rejected one.
func (r *Relay) Suspect() {}

// ChildEnded stops what is fetched ahead of a go command that has ended.
func (r *Relay) ChildEnded() {}

// Close ends the relay.
func (r *Relay) Close() error { return nil }
