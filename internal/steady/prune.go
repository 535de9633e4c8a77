package steady

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/wording"
	"github.com/gosteady/gosteady/internal/workspace"
)

type prune struct {
	unusedFor           time.Duration
	keep                []string
	dryRun, byAge, json bool
	now                 func() time.Time
}

func newPruneCommand(app *App) *cobra.Command {
	p := prune{now: time.Now}
	c := &cobra.Command{
		Use:   "prune --unused-for DURATION",
		Short: "delete module versions that nothing has used for long",
		Long: `Delete from the module cache the versions that nothing has used for so long,
and that neither the current module nor a module named with --keep needs. Each
is deleted under the go command's lock, after looking again.

When a version was last used is read off the access times of its files and the
build cache's record of it. On a file system that keeps no access times
(noatime) nothing is deleted, unless --by-age says that the time of the
download will do.`,
		Example: `  go steady prune --unused-for 720h --dry-run
  go steady prune --unused-for 720h --keep ~/src/app --keep ~/src/tool`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return p.run(app) },
	}
	f := c.Flags()
	f.DurationVar(&p.unusedFor, "unused-for", 0, "how long nothing may have used a version, such as 720h for 30 days")
	f.StringArrayVar(&p.keep, "keep", nil, "keep what the module or workspace in this `directory` needs (repeatable)")
	f.BoolVar(&p.dryRun, "dry-run", false, "list, and delete nothing")
	f.BoolVar(&p.byAge, "by-age", false, "without access times, go by the time of the download")
	f.BoolVar(&p.json, "json", false, "print JSON, one object a line")
	return c
}

func (p *prune) run(app *App) error {
	if p.unusedFor <= 0 {
		return errors.New("how long must nothing have used a version? say --unused-for 720h for 30 days")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	view, err := app.openCache()
	if err != nil {
		return err
	}
	defer view.Close()
	if !p.byAge && !view.cache.KeepsAccessTimes() {
		return errors.New("the module cache's file system keeps no access times, so that nobody knows what was used when; --by-age goes by the time of the download")
	}
	kept, err := p.kept(app, view)
	if err != nil {
		return err
	}
	all, err := view.versions()
	if err != nil {
		return err
	}
	list := p.unused(view.cache, all, kept)
	if !p.dryRun {
		list = p.remove(ctx, view.cache, list)
	}
	return p.print(app, list, len(all))
}

// kept are the versions that named modules need, and the toolchains.
func (p *prune) kept(app *App, view *cacheView) (map[module.Version]bool, error) {
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
	for _, dir := range p.keep {
		w, err := workspace.Find(app.Path(dir), goenv.Read(app.Env, view.settings.GOROOT()), "")
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
func (p *prune) unused(c *modcache.Cache, all []module.Version, kept map[module.Version]bool) []modcache.Usage {
	since := p.now().Add(-p.unusedFor)
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
func (p *prune) remove(ctx context.Context, c *modcache.Cache, list []modcache.Usage) []modcache.Usage {
	since := p.now().Add(-p.unusedFor)
	var gone []modcache.Usage
	for _, u := range list {
		if removed, err := c.Remove(ctx, u.Module, since); removed && err == nil {
			gone = append(gone, u)
		}
	}
	return gone
}

func (p *prune) print(app *App, list []modcache.Usage, all int) error {
	if p.json {
		return p.printJSON(app, list)
	}
	w := tabwriter.NewWriter(app.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	var total int64
	for _, u := range list {
		total += u.Size
		fmt.Fprintf(w, "%s\t  %s\t  %s\n", wording.Size(u.Size), u.LastUse.Format(time.DateOnly), u.Module)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	verb := "deleted"
	if p.dryRun {
		verb = "would delete"
	}
	_, err := fmt.Fprintf(app.Stdout, "gosteady: %s %d of %d module versions, %s\n", verb, len(list), all, wording.Size(total))
	return err
}

// A pruned version is what prune prints as JSON.
type pruned struct {
	Module  string    `json:"module"`
	Version string    `json:"version"`
	Size    int64     `json:"size"`
	LastUse time.Time `json:"last_use"`
}

func (p *prune) printJSON(app *App, list []modcache.Usage) error {
	lines := make([]pruned, len(list))
	for i, u := range list {
		lines[i] = pruned{u.Module.Path, u.Module.Version, u.Size, u.LastUse}
	}
	return printJSONLines(app.Stdout, lines)
}
