// Package relay stands between one go command and its module proxies.
//
// # How it is used
//
// [Start] opens a server on loopback. The go command is run with the variables
// of [Relay.Env]: GOPROXY then names the relay where it named a proxy. Every
// line that go prints goes through a [Rewriter], so that a reader sees the
// proxy's name and go's own words. [Relay.Again] comes before a command that is
// run again; [Relay.Close] ends all that is under way and writes the failures to
// the journal.
//
// # What it promises
//
// The separators of GOPROXY keep their meaning, since each http(s) entry has
// an endpoint of its own and go itself goes from one to the next. An
// upstream's HTTP answer is passed on as it is. 404 and 410 are not invented, with
// one exception: an entry that a policy added, and that must not be asked, gives
// the answer of the entry that sent go there, and a 404 where that was a failure of
// another kind. go.sum decides what is correct, and content that every upstream
// serves alike goes to go, which then stops with its own error. Nothing is
// asked of anyone whom neither GOPROXY nor the policy names; of an entry that a
// policy added nothing private, and nothing that go could not verify unless this
// machine trusts it.
//
// # How a failure travels
//
// A failure below HTTP has no status, and go must word it as if it had met it
// itself. The relay answers "502 gosteady-SECRET-N" and remembers N; the Rewriter
// puts the words back. The secret is this relay's own.
//
// # One request of go's
//
// server.go admits it. Package prefetch has it fetched once for all who ask
// ([prefetch.Prefetcher.Get]), by fetch.go: that asks the endpoint's upstream, and where
// that fails and it is allowed, those behind it. The attempts are package upstream's
// ([upstream.Client.Fetch]), and what a body may be is package modproxy's. write.go hands
// the result to go, and failures.go remembers what go was told. Of the checksum database,
// sumdb.go knows who carries it.
package relay

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/internal/goauth"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/prefetch"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/upstream"
)

// A Relay serves one invocation. Its methods are safe for concurrent use.
type Relay struct {
	config Config
	port   *port
	ctx    context.Context // of everything that is fetched
	cancel context.CancelFunc

	// Whom to ask. Not changed after the start.
	list      []proxylist.Proxy // the effective GOPROXY
	ends      []*endpoint       // of each entry; nil: go takes care of it by itself
	upstreams *upstream.Group
	auth      goauth.Source
	sumdb     sumdb

	prefetch *prefetch.Prefetcher
	memory   // what happened
	flags    // what the supervisor has said, and asks
}

// memory is what the relay remembers of this command.
type memory struct {
	record   record
	failures failures
	files    files
	modules  modules
	asked    set[askedOf]
	errorIDs errorIDs
}

// flags are what the supervisor has said, and what it asks. None is taken back.
type flags struct {
	learnt      sync.Once   // see learnKnown
	start       sync.Once   // of what happens at the first request for a file
	used        atomic.Bool // see Used
	gaveUpEarly atomic.Bool // see GaveUpEarly
	unread      atomic.Bool // see Unread

	fromMemory atomic.Bool // see FromMemory
	patient    atomic.Bool // see Patiently
	suspect    atomic.Bool // see Suspect
	succeeded  atomic.Bool // see Succeeded
}

// Start opens the relay. It fails with [ErrNothingToRelay] if there is no
// entry to stand in for, and with another error where loopback does not work:
// in both cases the command runs without a relay.
func Start(ctx context.Context, c Config) (*Relay, error) {
	c.fill()
	r := &Relay{config: c, memory: memory{errorIDs: newErrorIDs()}}
	r.modules.named = r.namedModules
	r.record.journal, r.record.notify, r.record.now = c.Recorder, c.Notify, c.Clock.Now
	r.auth.Setting, r.auth.Environ, r.auth.Dir, r.auth.Debugf = authSetting(c.Settings), c.Environ, c.Dir, c.Debugf
	r.upstreams = upstream.NewGroup(upstream.Config{
		Policy: c.Policy, Bound: c.Bound, CI: c.CI, State: c.State, Temp: c.Settings.Environ("GOTMPDIR"), Auth: &r.auth,
		Wait: &limit.Wait{Total: c.Policy.Retry.Budget}, AtOnce: c.AtOnce, Known: r.known, Observer: &r.record, Debugf: c.Debugf, World: c.World,
	})
	c.Recorder.SetPrivate(r.isPrivate) // also where there is nothing to relay
	if err := r.plan(); err != nil {
		return nil, err
	}
	var err error
	if r.port, err = listen(); err != nil {
		return nil, err
	}
	r.name()
	r.planMirrors()
	r.ctx, r.cancel = context.WithCancel(ctx)
	r.prefetch = prefetch.New(r.ctx, r.prefetching())
	r.auth.Lifetime = r.ctx
	r.port.serve(r.handle)
	return r, nil
}

func (r *Relay) prefetching() prefetch.Config {
	clients := make([]*upstream.Client, len(r.ends))
	for i, e := range r.ends {
		if e != nil {
			clients[i] = e.client
		}
	}
	c := &r.config
	return prefetch.Config{
		List: r.list, Clients: clients, Fetch: r.fetchFor, Project: project{r}, ModCache: c.Settings.Get("GOMODCACHE"),
		Off: !c.Policy.Prefetch, Infos: c.Infos, Cold: c.Cold, Install: c.Install, Debugf: c.Debugf,
	}
}

// Env returns the variables of the go command that differ, as "NAME=value".
func (r *Relay) Env() []string {
	env := []string{"GOPROXY=" + r.GOPROXY()}
	if r.sumdb.mirrors != nil {
		env = append(env, "GOSUMDB="+r.sumdb.mirrors.setting(r))
	}
	if private := r.private(); private != r.config.Settings.Get("GOPRIVATE") {
		env = append(env, "GOPRIVATE="+private)
	}
	return env
}

// FromMemory makes the relay answer at once, from memory, whatever failed
// before: the command that comes now only words the failure.
func (r *Relay) FromMemory() { r.fromMemory.Store(true) }

// Again says that the command is run again: whatever failed for it is asked anew.
func (r *Relay) Again() {
	r.prefetch.ForgetFailures()
	r.files.unproven.clear()
}

// GaveUpEarly reports whether an upstream with "|" behind it was given up sooner than
// go would have given it up: if those behind it fail as well, it is worth more
// patience.
func (r *Relay) GaveUpEarly() bool { return r.gaveUpEarly.Load() }

// Patiently makes the relay wait for every upstream as if there were no other. What
// is under way ahead of go has short deadlines, and is given up.
func (r *Relay) Patiently() {
	r.patient.Store(true)
	r.prefetch.Abandon()
}

// Suspect makes the relay verify every zip in full from now on: go has
// rejected one.
func (r *Relay) Suspect() {
	r.suspect.Store(true)
	r.prefetch.Distrust()
}

// Succeeded notes that the command succeeded, whatever failed on the way: go
// did not need it. The journal then calls it so.
func (r *Relay) Succeeded() { r.succeeded.Store(true) }

// Used reports whether go has asked for anything. If not, there is nothing to be
// put away but the port, which a process that is about to end can leave to the
// system.
func (r *Relay) Used() bool { return r.used.Load() }

// Offline reports whether this machine was found to have no network. Behind "|"
// go asks others by itself, and of them the relay hears nothing: a proxy that
// cannot be reached says little then.
func (r *Relay) Offline() bool {
	for i, e := range r.ends {
		if e == nil && i > 0 && r.list[i-1].FallBackOnError {
			return false
		}
	}
	return r.upstreams.Offline()
}

// Interrupted ends all that is waited for, since a person has given up, and writes
// down what that was.
func (r *Relay) Interrupted() {
	r.cancel()
	r.record.interrupted()
}

// Close ends the relay.
func (r *Relay) Close() error {
	r.cancel()
	err := r.port.server.Close()
	r.prefetch.Wait()
	r.flush()
	r.upstreams.Close()
	r.prefetch.Close()
	r.failures.forget()
	return err
}

func (r *Relay) now() time.Time { return r.config.Clock.Now() }

func (r *Relay) debugf(format string, args ...any) { r.config.Debugf(format, args...) }
