package steady

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modcache"
)

// A repair is the command's flags, and what it found and did.
type repair struct {
	dryRun, all, reset, json bool
	log                      string

	view    *cacheView
	seen    int // versions of which the cache has anything
	reports []repairReport
}

func newRepairCommand(app *App) *cobra.Command {
	var r repair
	c := &cobra.Command{
		Use:   "repair",
		Short: "verify the module cache and mend what is damaged",
		Long: `Verify the module versions that the current module's go.sum and go.mod name,
and mend what is damaged: zips, .ziphash, .mod and .info files, extracted
directories file by file, interrupted extractions, the build cache's stale
indexes, and clones. A replacement is verified and in hand before anything is
touched; without one, nothing is.

The exit status is 0 if nothing is damaged any more, and 1 otherwise.`,
		Example: `  go steady repair --dry-run
  go steady repair --all
  go steady repair --log build.log
  go steady repair --reset`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return r.run(app) },
	}
	f := c.Flags()
	f.BoolVar(&r.dryRun, "dry-run", false, "show what is damaged, and change nothing")
	f.BoolVar(&r.all, "all", false, "the whole module cache, not only what the current module uses")
	f.StringVar(&r.log, "log", "", "only what the failures in this `file` point at (- for stdin)")
	f.BoolVar(&r.reset, "reset", false, "replace everything of the current module by fresh, verified copies")
	f.BoolVar(&r.json, "json", false, "print JSON, one object a line")
	return c
}

func (r *repair) run(app *App) error {
	if err := r.contradiction(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	view, err := app.openCache()
	if err != nil {
		return err
	}
	defer view.Close()
	r.view = view
	progress := app.progress("verifying module versions")
	view.cache.Progress = progress.show
	start := time.Now()
	if err := r.work(ctx, app); err != nil {
		progress.end()
		return err
	}
	progress.end()
	if err := ctx.Err(); err != nil {
		return errors.New("interrupted; what was mended stays mended")
	}
	if err := r.print(app, time.Since(start)); err != nil {
		return err
	}
	if r.left() > 0 {
		return ExitError{Code: 1}
	}
	return nil
}

// contradiction finds flags that cannot both be meant.
func (r *repair) contradiction() error {
	switch {
	case r.all && r.log != "":
		return errors.New("--all and --log exclude each other: verify everything, or what the log points at")
	case r.reset && (r.all || r.log != "" || r.dryRun):
		return errors.New("--reset goes with none of --all, --log and --dry-run: it replaces all that the current module uses")
	}
	return nil
}

func (r *repair) work(ctx context.Context, app *App) error {
	if r.log != "" {
		return r.workOnLog(ctx, app)
	}
	versions, err := r.versions()
	if err != nil {
		return err
	}
	if r.reset {
		r.workAnew(ctx, versions)
		return nil
	}
	r.mend(ctx, r.view.cache.Verify(ctx, versions, r.view.sums))
	r.clones(ctx, r.view.cache.Clones())
	return nil
}

// versions are those that were asked for.
func (r *repair) versions() ([]module.Version, error) {
	if r.all {
		return r.view.versions()
	}
	if r.view.workspace.Root() == "" {
		return nil, errors.New("no go.mod here or in a parent folder: go to a module, or verify the whole module cache with --all")
	}
	return r.view.used(), nil
}

func (r *repair) mend(ctx context.Context, states []modcache.State) {
	var outcomes []modcache.Outcome
	if !r.dryRun {
		r.view.cache.Progress = nil
		outcomes = r.view.cache.Repair(ctx, states, r.view.sums, r.view.fetcher)
	}
	for _, s := range states {
		if s.Status != modcache.Absent || len(s.Damage) > 0 {
			r.seen++
		}
		if len(s.Damage) == 0 && s.Err == nil {
			continue
		}
		rep := repairReport{Module: s.Module.Path, Version: s.Module.Version, Status: string(s.Status), Damage: s.Damage, text: s.String()}
		rep.fail(s.Err)
		for _, o := range outcomes {
			if o.Module == s.Module {
				rep.Done, rep.Kept = o.Done, o.Kept
				rep.fail(o.Err)
			}
		}
		r.reports = append(r.reports, rep)
	}
}

// workAnew fetches everything with few commands first.
func (r *repair) workAnew(ctx context.Context, versions []module.Version) {
	here := slices.DeleteFunc(versions, func(m module.Version) bool { return !r.view.has(m) })
	r.seen = len(here)
	r.view.fetcher.Warm(ctx, here)
	for _, o := range r.view.cache.Reset(ctx, here, r.view.sums, r.view.fetcher) {
		rep := repairReport{Module: o.Module.Path, Version: o.Module.Version, Damage: o.Before.Damage, Done: o.Done, Kept: o.Kept, text: "reset"}
		rep.fail(o.Err)
		r.reports = append(r.reports, rep)
	}
}

// workOnLog does only what the failures in a log point at.
func (r *repair) workOnLog(ctx context.Context, app *App) error {
	text, err := r.readLog(app)
	if err != nil {
		return err
	}
	suspects := r.suspects(text)
	if suspects.Empty() {
		return fmt.Errorf("%s has no failure that points at the module cache; see 'go steady explain'", r.log)
	}
	states := r.view.cache.Find(ctx, suspects, r.view.sums)
	r.mend(ctx, states)
	r.seen = len(suspects.Versions)
	r.clones(ctx, suspects.Clones)
	return nil
}

func (r *repair) readLog(app *App) (string, error) {
	if r.log == "-" {
		data, err := io.ReadAll(app.Stdin)
		return string(data), err
	}
	data, err := os.ReadFile(app.Path(r.log))
	return string(data), err
}

// inCache are the classes of failures that a damaged cache can be behind.
var inCache = []classify.Class{classify.CacheCorrupt, classify.Checksum, classify.BadContent}

// suspects joins the modules that the failures name with what their text
// points at.
func (r *repair) suspects(text string) modcache.Suspects {
	var all modcache.Suspects
	for _, f := range classify.Text(text) {
		if !slices.Contains(inCache, f.Class) {
			continue
		}
		s := r.view.cache.Suspects(f.Evidence, r.view.sums)
		if s.Empty() && f.Module == "" {
			s = r.view.cache.Suspects(text, r.view.sums)
		}
		for _, m := range r.view.sums.Versions() {
			if m.Path == f.Module && (f.Version == "" || f.Version == m.Version) {
				s.Versions = append(s.Versions, m)
			}
		}
		all.Versions = append(all.Versions, s.Versions...)
		all.Clones = append(all.Clones, s.Clones...)
		all.Zips = all.Zips || s.Zips
	}
	module.Sort(all.Versions)
	all.Versions = slices.Compact(all.Versions)
	slices.Sort(all.Clones)
	all.Clones = slices.Compact(all.Clones)
	return all
}

// clones looks at clones of git repositories, with git fsck only where all was
// asked for: it reads every object.
func (r *repair) clones(ctx context.Context, dirs []string) {
	git, err := exec.LookPath("git")
	if err != nil {
		return // without git nobody uses them
	}
	fsck := ""
	if r.all || r.log != "" {
		fsck = git
	}
	for _, dir := range dirs {
		why := modcache.CheckClone(ctx, fsck, dir)
		if why == nil {
			continue
		}
		rep := repairReport{Module: cmp.Or(modcache.CloneURL(dir), dir), Status: string(modcache.Damaged), text: "clone damaged (" + why.Error() + ")"}
		if !r.dryRun {
			rep.fail(r.cloneAgain(ctx, git, fsck, dir))
			if rep.Error == "" {
				rep.Done = []string{"removed: the go command clones it again"}
			}
		}
		r.reports = append(r.reports, rep)
	}
}

// cloneAgain removes a damaged clone if the repository answers, so that it can
// be cloned again.
func (r *repair) cloneAgain(ctx context.Context, git, fsck, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // a prompt or a hang of git's
	defer cancel()
	_, err := r.view.git.Output(ctx, git, "ls-remote", "--quiet", "--exit-code", "--end-of-options", modcache.CloneURL(dir), "HEAD")
	if err != nil {
		return errors.New("the repository does not answer, so that the clone was left as it is")
	}
	aside, err := r.view.cache.SetAside(ctx, fsck, dir)
	if err != nil || aside == nil {
		return err
	}
	return aside.Delete()
}
