package cachecmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/tui"
	"github.com/gosteady/gosteady/internal/workspace"
)

// A Prune says which versions may go. What the module or workspace in the place needs
// stays.
type Prune struct {
	UnusedFor time.Duration // how long nothing may have used a version
	Keep      []string      // directories whose modules' versions stay, too
	DryRun    bool          // nothing is deleted
	ByAge     bool          // without access times, go by the time of the download
	Now       time.Time     // when it is
}

// A Pruning is what a prune deleted, or would.
type Pruning struct {
	Gone   []modcache.Usage // the largest first
	all    int              // versions in the cache
	dryRun bool
}

// Run deletes what may go, each under the go command's lock, after looking again.
func (p Prune) Run(ctx context.Context, view *View) (*Pruning, error) {
	if !p.ByAge && !view.cache.KeepsAccessTimes() {
		return nil, errors.New("the module cache's file system keeps no access times; --by-age goes by the time of the download instead")
	}
	kept, err := p.kept(view)
	if err != nil {
		return nil, err
	}
	all, err := view.versions()
	if err != nil {
		return nil, err
	}
	list := p.unused(view.cache, all, kept)
	if !p.DryRun {
		list = p.remove(ctx, view.cache, list)
	}
	return &Pruning{list, len(all), p.DryRun}, nil
}

// kept are the versions that named modules need, and the toolchains.
func (p Prune) kept(view *View) (map[module.Version]bool, error) {
	kept := make(map[module.Version]bool)
	keep := func(w *workspace.Workspace) error {
		sums, err := gosum.ReadFiles(w.SumFiles()...)
		if err != nil {
			return err
		}
		required, err := w.Requirements()
		for _, m := range append(sums.Versions(), required...) {
			kept[m] = true
		}
		kept[module.Version{Path: toolchains, Version: cmp.Or(w.Toolchain, "go"+w.GoVersion)}] = true
		return err
	}
	kept[module.Version{Path: toolchains, Version: view.settings.LocalVersion()}] = true
	if err := keep(view.workspace); err != nil {
		return nil, err
	}
	for _, dir := range p.Keep {
		w, err := workspace.Find(view.place.Path(dir), goenv.Read(view.place.Env, view.settings.GOROOT()), "")
		if err == nil && w.Root() == "" {
			err = errors.New("no go.mod or go.work there")
		}
		if err == nil {
			err = keep(w)
		}
		if err != nil {
			return nil, fmt.Errorf("--keep %s: %w", dir, err)
		}
	}
	return kept, nil
}

// toolchains is the module that Go toolchains come as: v0.0.1-go1.25.1.linux-amd64.
const toolchains = "golang.org/toolchain"

func isKept(kept map[module.Version]bool, m module.Version) bool {
	if m.Path == toolchains {
		name := strings.TrimPrefix(m.Version, "v0.0.1-")
		if i := strings.LastIndexByte(name, '.'); i > 0 {
			return kept[module.Version{Path: toolchains, Version: name[:i]}]
		}
	}
	return kept[m]
}

// unused lists what may go, the largest first.
func (p Prune) unused(c *modcache.Cache, all []module.Version, kept map[module.Version]bool) []modcache.Usage {
	since := p.Now.Add(-p.UnusedFor)
	var list []modcache.Usage
	for _, m := range all {
		if isKept(kept, m) {
			continue
		}
		if u, err := c.Usage(m); err == nil && u.LastUse.Before(since) {
			list = append(list, u)
		}
	}
	slices.SortStableFunc(list, func(a, b modcache.Usage) int { return cmp.Compare(b.Size, a.Size) })
	return list
}

// remove returns what was deleted.
func (p Prune) remove(ctx context.Context, c *modcache.Cache, list []modcache.Usage) []modcache.Usage {
	since := p.Now.Add(-p.UnusedFor)
	var gone []modcache.Usage
	for _, u := range list {
		if removed, err := c.Remove(ctx, u.Module, since); removed && err == nil {
			gone = append(gone, u)
		}
	}
	return gone
}

// Text writes a line for each, and one for all.
func (p *Pruning) Text(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	var total int64
	for _, u := range p.Gone {
		total += u.Size
		fmt.Fprintf(w, "%s\t  %s\t  %s\n", tui.Size(u.Size), u.LastUse.Format(time.DateOnly), u.Module)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	verb := "deleted"
	if p.dryRun {
		verb = "would delete"
	}
	_, err := fmt.Fprintf(out, console.Prefix+"%s %d of %d module versions, %s\n", verb, len(p.Gone), p.all, tui.Size(total))
	return err
}
