package steady

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/gosteady/gosteady/internal/cachecmd"
)

type repairCommand struct {
	repair cachecmd.Repair
	log    string // the name of a file
	json   bool
}

func newRepairCommand(app *App) *cobra.Command {
	var r repairCommand
	c := &cobra.Command{
		Use:   "repair",
		Short: "verify the module cache and repair what is damaged",
		Long: `Verify the module versions that the current module's go.sum and go.mod name,
and repair what is damaged: zips, .ziphash, .mod and .info files, extracted
directories file by file, interrupted extractions, the build cache's stale
indexes, and clones. A replacement is verified and in hand before anything is
touched; without one, nothing is.

The exit status is 0 if nothing is damaged any more, and 1 otherwise.`,
		Example: `  go steady repair --dry-run
  go steady repair --all
  go steady repair --log build.log`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return r.run(app) },
	}
	f := c.Flags()
	f.BoolVar(&r.repair.DryRun, "dry-run", false, "show what is damaged, and change nothing")
	f.BoolVar(&r.repair.All, "all", false, "the whole module cache, not only what the current module uses")
	f.StringVar(&r.log, "log", "", "only what the failures in this `file` point at (- for stdin)")
	f.BoolVar(&r.json, "json", false, "print JSON, one object a line")
	return c
}

func (r *repairCommand) run(app *App) error {
	if err := r.contradiction(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	view, err := cachecmd.Open(app.Place)
	if err != nil {
		return err
	}
	defer view.Close()
	result, err := r.work(ctx, app, view)
	if err != nil {
		return err
	}
	if r.json {
		err = printJSONLines(app.Stdout, result.Findings)
	} else {
		err = result.Text(app.Stdout)
	}
	if err == nil && result.Left() > 0 {
		err = ExitError{Code: 1}
	}
	return err
}

// contradiction finds flags that cannot both be meant.
func (r *repairCommand) contradiction() error {
	if r.repair.All && r.log != "" {
		return errors.New("--all and --log exclude each other: verify everything, or what the log points at")
	}
	return nil
}

func (r *repairCommand) work(ctx context.Context, app *App, view *cachecmd.View) (*cachecmd.Result, error) {
	if r.log != "" {
		text, err := app.readLog(r.log)
		if err != nil {
			return nil, err
		}
		r.repair.Log = &text
	}
	progress := app.progress("verifying module versions")
	defer progress.end()
	r.repair.Progress = progress.show
	result, err := r.repair.Run(ctx, view)
	if errors.Is(err, cachecmd.ErrNoSuspect) {
		err = fmt.Errorf("%s has %w", r.log, err)
	}
	return result, err
}
