package prefetch

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/modproxy"
)

// An installer puts zips that were fetched ahead into the module cache, so that
// go finds them done. go inflates every zip twice, once to hash it and once to
// extract it, and that is most of a cold download's CPU time; in one pass it
// is two thirds of it.
//
// go would begin with its own work at once. Its requests for .info files, which
// come strictly one after another before any zip, are therefore answered only
// when that version is installed, or is known to be left to go. A nil installer
// does nothing.
type installer struct {
	p     *Prefetcher
	lanes sync.WaitGroup
	free  chan struct{} // closed when nobody is to wait any more
	open  sync.Once

	mu     sync.Mutex
	more   *sync.Cond // of jobs, or their end
	jobs   []job
	closed bool

	// versions has a channel for each version that is to be installed, closed when
	// it is installed or left to go: once, since fetchOnce brings each zip once. Of one that came
	// into the module cache by another way meanwhile, nothing is brought; end lets go
	// those who wait for it. The map is not changed after the start.
	versions map[module.Version]chan struct{}
}

// A job is a zip that is there.
type job struct {
	key
	size int64
}

// prepareInstall makes the installer for what is going to be fetched ahead. It
// returns before go's first request is answered.
func (p *Prefetcher) prepareInstall(wanted []module.Version) {
	if p.Install == nil {
		return
	}
	n := &installer{p: p, free: make(chan struct{}), versions: map[module.Version]chan struct{}{}}
	n.more = sync.NewCond(&n.mu)
	for _, m := range wanted {
		if _, lacks := p.lacking(m, modproxy.Zip); lacks && len(p.Project.Sums().Zip(m)) == 1 && !p.Project.IsPrivate(m.Path) {
			n.versions[m] = make(chan struct{})
		}
	}
	for range runtime.GOMAXPROCS(0) {
		n.lanes.Go(n.work)
	}
	p.install.Store(n)
}

// installs reports whether a version is going to be installed.
func (n *installer) installs(m module.Version) bool {
	return n != nil && n.versions[m] != nil
}

// take takes what fetchOne brought; entry is nobody where it brought nothing.
func (n *installer) take(it modproxy.Item, entry int) {
	if it.Kind != modproxy.Zip || !n.installs(it.Mod) {
		return
	}
	r, ok := n.p.calls.available(key{entry, it})
	switch {
	case entry == nobody || ok && r.File.Unread:
		close(n.versions[it.Mod])
	default:
		n.mu.Lock()
		n.jobs = append(n.jobs, job{key{entry, it}, r.Size()})
		n.mu.Unlock()
		n.more.Signal()
	}
}

func (n *installer) work() {
	for {
		j, ok := n.next()
		if !ok {
			return
		}
		n.put(j)
		close(n.versions[j.item.Mod])
	}
}

// next returns the largest zip that is there: what takes longest must not come
// last, when the other processors have nothing left to do.
func (n *installer) next() (job, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for len(n.jobs) == 0 && !n.closed {
		n.more.Wait()
	}
	if len(n.jobs) == 0 {
		return job{}, false
	}
	at := 0
	for i, j := range n.jobs {
		if j.size > n.jobs[at].size {
			at = i
		}
	}
	j := n.jobs[at]
	n.jobs = slices.Delete(n.jobs, at, at+1)
	return j, true
}

// put installs one zip. Whatever is wrong with it or with the module cache,
// go will find and say.
func (n *installer) put(j job) {
	if n.p.ctx.Err() != nil {
		return
	}
	c := n.p.calls.claim(j.key)
	if c == nil {
		return // go was quicker
	}
	defer n.p.calls.leave(c)
	m := j.item.Mod
	err := n.p.Install(n.p.ctx, m, c.result.File.Body.Reader(), n.p.Project.Sums().Zip(m))
	if err == nil {
		n.p.Project.Installed(j.item)
		return
	}
	n.p.Debugf("%s is left to go: %v", m, err)
	b := wrong(err)
	if b != nil {
		n.p.Clients[j.entry].Reject(j.item, c.result.File, b)
	}
	n.p.Project.Refused(j.item, b)
}

// wrong is what an error of installing says of the content; nil if nothing.
func wrong(err error) *modproxy.Invalid {
	var local *fs.PathError // the module cache's trouble
	if errors.Is(err, modcache.ErrThere) || errors.Is(err, context.Canceled) || errors.As(err, &local) {
		return nil
	}
	class := classify.BadContent
	if errors.Is(err, modcache.ErrSum) {
		class = classify.Checksum
	}
	return &modproxy.Invalid{Class: class, Text: err.Error()}
}

// await returns when a version is installed or left to go, or nobody is to wait.
func (n *installer) await(ctx context.Context, m module.Version) {
	if !n.installs(m) {
		return
	}
	select {
	case <-n.versions[m]:
	case <-n.free:
	case <-ctx.Done():
	}
}

// release lets go do by itself what is not yet installed.
func (n *installer) release() {
	if n != nil {
		n.open.Do(func() { close(n.free) })
	}
}

// end is called when nothing more is fetched ahead.
func (n *installer) end() {
	if n == nil {
		return
	}
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.more.Broadcast()
	n.lanes.Wait()
	n.release()
}

// wait returns when nothing is written to the module cache any more. Without
// it, a half-written directory would be left where the command has failed.
func (n *installer) wait() {
	if n != nil {
		n.lanes.Wait()
	}
}
