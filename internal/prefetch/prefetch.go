// Package prefetch fetches each file once, for all who ask for it, and fetches files
// before go asks.
//
// A request of go's is [Prefetcher.Get]. call.go is the single flight: whoever asks for
// a file that is being fetched waits for the same result. keep.go keeps results that go
// has not asked for yet, or will ask for again. ahead.go fetches the small files that
// follow a file, and the checksum database's word on it. lanes.go fetches all that a
// command is sure to want, many files at a time, and install.go puts those into the
// module cache. scout.go tells a cold module cache.
//
// What a file is fetched with comes in as [Config.Fetch]: package relay's walk along the
// GOPROXY list, which ends in package upstream. What is known of the project comes in
// as a [Project].
package prefetch

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modproxy"
	"github.com/gosteady/gosteady/internal/proxylist"
	"github.com/gosteady/gosteady/internal/upstream"
)

// A Project is what is known of the go command's project, and of what go has got.
type Project interface {
	Sums() *gosum.Sums
	Knows(modproxy.Item) bool // it is no guess of go's at a module path
	IsPrivate(path string) bool
	InSumDB(path string) bool
	Databases() map[string]int // the entry that carries each checksum database

	Has(modproxy.Item) bool                     // go has it, though perhaps not yet in the module cache
	HasFailed(entry int, it modproxy.Item) bool // go was told so last
	Done() bool                                 // go only asks for what it has been told already

	Wants(zips int)                                    // so many files are fetched ahead
	Installed(modproxy.Item)                           // it is in the module cache
	Refused(it modproxy.Item, wrong *modproxy.Invalid) // it cannot be installed; nil: for another reason than its content
}

// Config says what is fetched, and how. An entry is a position in List.
type Config struct {
	List    []proxylist.Proxy
	Clients []*upstream.Client // of each entry; nil: go takes care of it by itself
	Fetch   func(ctx context.Context, entry int, it modproxy.Item, why journal.Reason) Result
	Project Project

	ModCache string // GOMODCACHE; "": unknown
	Off      bool   // nothing is fetched before go asks
	Infos    bool   // go asks for the .info of each version whose zip it fetches
	// Cold is called once, on its own goroutine, when go fetches more than a few files
	// that go.sum names; zero: nothing.
	Cold func()
	// Install puts a zip that is fetched ahead, and that go.sum names, into the module cache
	// if it matches sums; zero: go does that itself.
	Install func(ctx context.Context, m module.Version, zip io.Reader, sums []string) error
	Debugf  func(format string, args ...any)
}

// A Prefetcher fetches files for one go command, or two that run side by side. Its
// methods are safe for concurrent use.
type Prefetcher struct {
	Config
	ctx   context.Context // of everything that is fetched
	calls *calls

	fetched sync.Map                  // ahead of go, by item: see fetchOnce
	install atomic.Pointer[installer] // nil: go unpacks all zips itself
	missed  atomic.Int64              // files that go fetched although go.sum names them
	cold    sync.Once
}

// New returns a prefetcher whose fetches end with ctx.
func New(ctx context.Context, c Config) *Prefetcher {
	p := &Prefetcher{Config: c, ctx: ctx}
	p.calls = newCalls(ctx, c.Fetch, p.askedTwice)
	return p
}

// Get obtains an item for go, with others who want it. done must be called when its body
// is no longer needed.
func (p *Prefetcher) Get(ctx context.Context, entry int, it modproxy.Item) (r Result, done func()) {
	p.noteCold(it)
	p.readAhead(entry, it)
	if it.Kind == modproxy.Info {
		p.install.Load().await(ctx, it.Mod)
	}
	return p.calls.get(ctx, key{entry, it})
}

// Installs reports whether a version is going to be installed.
func (p *Prefetcher) Installs(m module.Version) bool { return p.install.Load().installs(m) }

// Has reports whether a file waits for go.
func (p *Prefetcher) Has(it modproxy.Item) bool { return p.calls.isReady(it) }

// ForgetFailures gives up failures that wait for go: it asks anew.
func (p *Prefetcher) ForgetFailures() {
	p.calls.forget(func(c *call) bool { return !c.result.Good() })
}

// Distrust gives up all zips that wait for go, but for those that were verified in full,
// and what was kept for more than one request.
func (p *Prefetcher) Distrust() {
	p.calls.forgetShared()
	p.calls.forget(func(c *call) bool { return c.item.Kind == modproxy.Zip && c.result.Size() > modproxy.SmallZip })
}

// Abandon ends what is being fetched for go to come for: whoever asks now asks anew.
func (p *Prefetcher) Abandon() { p.calls.abandon() }

// Wait returns when nothing is written to the module cache any more. The context must
// have ended.
func (p *Prefetcher) Wait() { p.install.Load().wait() }

// Counts are how many files are being fetched, and how many bytes are kept for go.
type Counts struct {
	Fetching int
	Ready    int64 // that go has not requested yet
	Shared   int64 // that another go command may request, too
}

// Counts returns the present ones.
func (p *Prefetcher) Counts() Counts { return p.calls.counts() }

// Close gives back all that is kept.
func (p *Prefetcher) Close() {
	if n := p.Counts().Ready; n > 0 {
		p.Debugf("%d bytes were fetched ahead and not requested", n)
	}
	p.calls.forgetShared()
	p.calls.forget(func(*call) bool { return true })
}

// askedTwice tells what of an item the second one of two go commands, which load
// the same side by side, asks for too: a failure of a version that go.sum names,
// and its small files. A go.mod file counts only because it agrees with go.sum.
func (p *Prefetcher) askedTwice(it modproxy.Item) (failure, file bool) {
	if p.Cold == nil {
		return false, false
	}
	sums := p.Project.Sums()
	failure = it.Exact() && sums.Names(it.Mod)
	file = it.Kind == modproxy.Info && sums.Names(it.Mod) || it.Kind == modproxy.Mod && sums.GoMod(it.Mod) != nil
	return failure, file
}

// start starts a fetch before go asks; nil if go was quicker: it is being fetched, or
// go has the file, though perhaps not yet in the module cache, or was told that it
// failed. Between the two looks go may come and get it: then one request is made
// too many, and no harm is done.
func (p *Prefetcher) start(entry int, it modproxy.Item) *call {
	if p.Project.Has(it) || p.Project.HasFailed(entry, it) {
		return nil
	}
	return p.calls.start(key{entry, it})
}

// lacking returns a file of a version, if go does not have it already.
func (p *Prefetcher) lacking(m module.Version, k modproxy.Kind) (modproxy.Item, bool) {
	it := modproxy.Item{Kind: k, Mod: m}
	return it, it.Exact() && !Cached(p.ModCache, it)
}

// Cached reports whether a module cache has a file. A zip counts with its hash only,
// without which go would fetch it.
func Cached(modcache string, it modproxy.Item) bool {
	path, err := it.Path()
	if modcache == "" || err != nil {
		return false
	}
	file := filepath.Join(modcache, "cache", "download", filepath.FromSlash(path))
	if it.Kind == modproxy.Zip && !exists(file+"hash") {
		return false
	}
	return exists(file)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
