package relay

import (
	"context"
	"errors"
	"io"
	"net/url"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/upstream"
	"github.com/gosteady/gosteady/policy"
)

// ErrNothingToRelay says that the GOPROXY list has no http(s) entry that a
// relay could stand in for, or that go itself would refuse it: the command
// then runs as it is.
var ErrNothingToRelay = errors.New("GOPROXY has no entry to stand in for")

// A PrefetchMode says what is fetched before go asks for it.
type PrefetchMode int

// The modes. The zero mode only reads ahead.
const (
	None     PrefetchMode = iota
	Required              // what go.mod requires and go.sum names with a zip: mod download, mod vendor
	One                   // the module versions in Config.Only: mod download X@v
)

// Config says what to relay and how. Settings is needed, all else has a
// useful zero value.
type Config struct {
	Settings *goenv.Settings
	Policy   *policy.Policy    // zero: the built-in policy
	Bound    *policy.Bound     // of what a repository's policy may add to waiting; zero: none
	CI       bool              // for rules that say so
	Recorder *journal.Recorder // zero: nothing is recorded
	State    string            // directory of what is remembered; "": nothing is
	Environ  []string          // of the invocation; for credentials and temporary files
	Dir      string            // working directory of GOAUTH commands; "": ours
	AtOnce   int               // requests that an upstream surely takes side by side; zero: as many as go makes

	Debugf func(format string, args ...any) // every decision; zero: none
	Notify func(line string)                // what is waited for; zero: nothing is said

	// Standing reports whether an address is a gateway of ours that runs. go asks it by
	// itself: it has done what a relay would do. Zero: none is.
	Standing func(*url.URL) bool

	Versions
	Ahead
	upstream.World
}

// Versions are what the project says of module versions.
type Versions struct {
	Sums     *gosum.Sums                            // zero: nothing is known
	Required []module.Version                       // of go.mod and the workspace, after replace and exclude
	Known    func() (*gosum.Sums, []module.Version) // gives Sums and Required when the first request comes; zero: they are set
}

// Ahead says what is fetched before go asks.
type Ahead struct {
	Infos    bool // go asks for the .info of each version whose zip it fetches
	Prefetch PrefetchMode
	Only     []module.Version // for One

	Cold func() // called once, on its own goroutine, when go fetches more than a few files that go.sum names; zero: nothing

	// Install puts a zip that is fetched ahead, and that go.sum names, into the
	// module cache if it matches sums; zero: go does that itself.
	Install func(ctx context.Context, m module.Version, zip io.Reader, sums []string) error
}

func (c *Config) fill() {
	if c.Policy == nil {
		c.Policy = policy.Default()
	}
	c.World.Fill(c.Policy.Timeouts.Connect)
	if c.Debugf == nil {
		c.Debugf = func(string, ...any) {}
	}
	if c.Standing == nil {
		c.Standing = func(*url.URL) bool { return false }
	}
	if c.Notify == nil {
		c.Notify = func(string) {}
	}
}
