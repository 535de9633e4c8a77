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
// # What lives how long
//
// An item that go asks for is a flight through one endpoint, shared by whoever
// asks meanwhile; what is fetched ahead, or may be asked for again, waits there.
// A flight puts a question to one upstream after another; a question is used by
// one goroutine, and is over when it has its answer. An answer's body is given back
// by the last who holds the answer. The upstreams, the wait budget, and what is
// remembered of failures, files and module paths last as long as the Relay; the
// health outlives it, in a file.
//
// Each of these has a lock of its own, and its methods call nothing of the others
// while they hold it. There are three exceptions, all of them downwards: a breaker
// and offline ask the health; flights and failures give bodies back; flights and
// modules ask what the project names, which takes no lock.
package relay

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosteady/gosteady/internal/family"
	"github.com/gosteady/gosteady/internal/limit"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/relay/goauth"
)

// A Relay serves one invocation. Its methods are safe for concurrent use.
type Relay struct {
	config Config
	port   *port
	ctx    context.Context // of everything that is fetched
	cancel context.CancelFunc

	// Whom to ask. Not changed after the start, but for the pool's databases.
	entries  []entry
	ends     []*endpoint // those of the entries, in their order
	pool     pool
	mirror   *mirrors // nil: there are none
	carriers carriers // of the checksum database, who deny it
	auth     goauth.Source
	confirm  lines // of requests that confirm a login

	// What all questions share.
	depot   depot
	health  health
	offline offline
	wait    limit.Wait

	families family.Memory // by which family of addresses hosts are dialed

	// What is on its way.
	flights *flights
	fetched sync.Map                  // ahead of go, by path: see fetchOnce
	install atomic.Pointer[installer] // nil: go unpacks all zips itself

	// What is remembered.
	failures  failures
	files     files
	unproven  unproven // of this run
	modules   modules
	numbers   numbers
	supported sync.Map // answers of entries that carry a checksum database or not, by key
	display   display
	cold      cold

	learnt  sync.Once   // see learnKnown
	start   sync.Once   // of what happens at the first request for a file
	used    atomic.Bool // see Used
	hurried atomic.Bool // see Hurried
	unread  atomic.Bool // see Unread
	said    said
}

// said is what the supervisor has said; it does not take anything back.
type said struct {
	memory    atomic.Bool // see FromMemory
	patiently atomic.Bool // see Patiently
	suspect   atomic.Bool // see Suspect
	succeeded atomic.Bool // see Succeeded
}

// Start opens the relay. It fails with [ErrNothingToRelay] if there is no
// entry to stand in for, and with another error where loopback does not work:
// in both cases the command runs without a relay.
func Start(ctx context.Context, c Config) (*Relay, error) {
	c.fill()
	r := &Relay{config: c, files: newFiles(), numbers: newNumbers()}
	r.families.Dir, r.families.Now = c.State, c.Clock.Now
	r.modules.named = r.namedModules
	r.auth = goauth.Source{Setting: authSetting(c.Settings), Environ: c.Environ, Dir: c.Dir, Debugf: c.Debugf}
	r.confirm.make = r.newTransport
	r.auth.Client = &http.Client{Transport: &guard{up: &upstream{lines: &r.confirm}}, CheckRedirect: modproxy.CheckRedirect}
	r.depot.dir = c.Settings.Environ("GOTMPDIR")
	r.health = health{dir: c.State, now: c.Clock.Now}
	r.offline = offline{limit: c.Policy.Retry.Offline, health: &r.health}
	r.wait.Total = c.Policy.Retry.Budget
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
	r.flights = newFlights(r.ctx, r.answer, r.askedTwice)
	r.auth.Lifetime = r.ctx
	r.port.serve(r.handle)
	return r, nil
}

// GOPROXY returns the list for the go command.
func (r *Relay) GOPROXY() string { return r.list() }

// Env returns the variables of the go command that differ, as "NAME=value".
func (r *Relay) Env() []string {
	env := []string{"GOPROXY=" + r.GOPROXY()}
	if r.mirror != nil {
		env = append(env, "GOSUMDB="+r.mirror.setting(r))
	}
	if private := r.private(); private != r.config.Settings.Get("GOPRIVATE") {
		env = append(env, "GOPRIVATE="+private)
	}
	return env
}

// FromMemory makes the relay answer at once, from memory, whatever failed
// before: the command that comes now only words the failure.
func (r *Relay) FromMemory() { r.said.memory.Store(true) }

// Again says that the command is run again: whatever failed for it is asked anew.
func (r *Relay) Again() {
	r.flights.forget(func(f *flight) bool { return !f.answer.good() })
	r.unproven.clear()
}

// Hurried reports whether an upstream with "|" behind it was given up sooner than
// go would have given it up: if those behind it fail as well, it is worth more
// patience.
func (r *Relay) Hurried() bool { return r.hurried.Load() }

// Patiently makes the relay wait for every upstream as if there were no other. What
// is under way ahead of go is in a hurry, and given up.
func (r *Relay) Patiently() {
	r.said.patiently.Store(true)
	r.flights.abandon()
}

// Suspect makes the relay verify every zip in full from now on: go has
// rejected one.
func (r *Relay) Suspect() {
	r.said.suspect.Store(true)
	r.flights.forgetKept()
	r.flights.forget(func(f *flight) bool { return f.item.kind == kindZip && f.answer.body.length() > smallZip })
}

// Succeeded notes that the command succeeded, whatever failed on the way: go
// did not need it. The journal then calls it so.
func (r *Relay) Succeeded() { r.said.succeeded.Store(true) }

// Used reports whether go has asked for anything. If not, there is nothing to be
// put away but the port, which a process that is about to end can leave to the
// system.
func (r *Relay) Used() bool { return r.used.Load() }

// Close ends the relay.
func (r *Relay) Close() error {
	r.cancel()
	err := r.port.server.Close()
	r.install.Load().wait()
	r.flush()
	for _, u := range r.pool.all() {
		u.lines.close()
	}
	r.confirm.close()
	r.health.save()
	r.families.Save()
	r.flights.forgetKept()
	r.flights.forget(func(*flight) bool { return true })
	r.failures.forget()
	return err
}

// askedTwice tells what of an item the second one of two go commands, which load
// the same side by side, asks for too: a failure of a version that go.sum names,
// and its small files. A go.mod file counts only because it agrees with go.sum.
func (r *Relay) askedTwice(it item) (failure, file bool) {
	if r.config.Cold == nil {
		return false, false
	}
	sums := r.config.Sums
	failure = it.exact() && sums.Names(it.mod)
	file = it.kind == kindInfo && sums.Names(it.mod) || it.kind == kindMod && sums.GoMod(it.mod) != nil
	return failure, file
}

func (r *Relay) now() time.Time { return r.config.Clock.Now() }

func (r *Relay) debugf(format string, args ...any) { r.config.Debugf(format, args...) }
