package steady

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/cachecmd"
	"github.com/gosteady/gosteady/internal/modcache"
)

type pruneCommand struct {
	prune cachecmd.Prune
	json  bool
}

func newPruneCommand(app *App) *cobra.Command {
	var p pruneCommand
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
	f.DurationVar(&p.prune.UnusedFor, "unused-for", 0, "how long nothing may have used a version, such as 720h for 30 days")
	f.StringArrayVar(&p.prune.Keep, "keep", nil, "keep what the module or workspace in this `directory` needs (repeatable)")
	f.BoolVar(&p.prune.DryRun, "dry-run", false, "list, and delete nothing")
	f.BoolVar(&p.prune.ByAge, "by-age", false, "without access times, go by the time of the download")
	f.BoolVar(&p.json, "json", false, "print JSON, one object a line")
	return c
}

func (p *pruneCommand) run(app *App) error {
	if p.prune.UnusedFor <= 0 {
		return errors.New("how long must nothing have used a version? say --unused-for 720h for 30 days")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	view, err := cachecmd.Open(app.Place)
	if err != nil {
		return err
	}
	defer view.Close()
	p.prune.Now = time.Now()
	pruning, err := p.prune.Run(ctx, view)
	switch {
	case err != nil:
		return err
	case p.json:
		return printPruned(app.Stdout, pruning.Gone)
	}
	return pruning.Text(app.Stdout)
}

// A pruned version is what prune prints as JSON.
type pruned struct {
	Module  string    `json:"module"`
	Version string    `json:"version"`
	Size    int64     `json:"size"`
	LastUse time.Time `json:"last_use"`
}

func printPruned(w io.Writer, list []modcache.Usage) error {
	lines := make([]pruned, len(list))
	for i, u := range list {
		lines[i] = pruned{u.Module.Path, u.Module.Version, u.Size, u.LastUse}
	}
	return printJSONLines(w, lines)
}
