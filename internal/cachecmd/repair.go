package cachecmd

import (
	"cmp"
	"context"
	"errors"
	"os/exec"
	"slices"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/modcache"
)

// A Repair says what is looked at, and what is done about damage. The zero Repair
// repairs what the current module or workspace names.
type Repair struct {
	DryRun   bool                  // nothing is changed
	All      bool                  // all that the cache has
	Log      *string               // only what the failures in this text point at; nil: no log
	Progress func(done, total int) // called for one version after another; nil: for none
}

// ErrNoSuspect is what is wrong with a log.
var ErrNoSuspect = errors.New("no failure that points at the module cache; see 'go steady explain'")

// A repair is one that is under way.
type repair struct {
	Repair
	view   *View
	result *Result
}

// Run verifies and repairs. What was repaired before an error stays repaired.
func (r Repair) Run(ctx context.Context, view *View) (*Result, error) {
	work := &repair{r, view, &Result{dryRun: r.DryRun}}
	view.cache.Progress = r.Progress
	start := time.Now()
	if err := work.do(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, errors.New("interrupted; what was repaired stays repaired")
	}
	work.result.took = time.Since(start)
	return work.result, nil
}

func (r *repair) do(ctx context.Context) error {
	if r.Log != nil {
		return r.workOnLog(ctx)
	}
	versions, err := r.versions()
	if err != nil {
		return err
	}
	r.apply(ctx, r.view.cache.Verify(ctx, versions, r.view.sums))
	r.clones(ctx, r.view.cache.Clones())
	return nil
}

// versions are those that were asked for.
func (r *repair) versions() ([]module.Version, error) {
	if r.All {
		return r.view.versions()
	}
	if r.view.workspace.Root() == "" {
		return nil, errors.New("no go.mod here or in a parent folder: go to a module, or verify the whole module cache with --all")
	}
	return r.view.used(), nil
}

func (r *repair) apply(ctx context.Context, states []modcache.State) {
	var outcomes []modcache.Outcome
	if !r.DryRun {
		r.view.cache.Progress = nil
		outcomes = r.view.cache.Repair(ctx, states, r.view.sums, r.view.fetcher)
		r.result.dropped = len(r.view.cache.DropOutdated(ctx, states))
	}
	for _, s := range states {
		if s.Status != modcache.Absent || len(s.Damage) > 0 {
			r.result.seen++
		}
		if len(s.Damage) == 0 && s.Err == nil {
			continue
		}
		f := Finding{Module: s.Module.Path, Version: s.Module.Version, Status: string(s.Status), Damage: s.Damage, text: s.String()}
		f.fail(s.Err)
		for _, o := range outcomes {
			if o.Module == s.Module {
				f.Done, f.Kept = o.Done, o.Kept
				f.fail(o.Err)
			}
		}
		r.result.Findings = append(r.result.Findings, f)
	}
}

// workOnLog does only what the failures in a log point at.
func (r *repair) workOnLog(ctx context.Context) error {
	suspects := r.suspects(*r.Log)
	if suspects.Empty() {
		return ErrNoSuspect
	}
	states := r.view.cache.Find(ctx, suspects, r.view.sums)
	r.apply(ctx, states)
	r.result.seen = len(suspects.Versions)
	r.clones(ctx, suspects.Clones)
	return nil
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
	if r.All || r.Log != nil {
		fsck = git
	}
	for _, dir := range dirs {
		why := modcache.CheckClone(ctx, fsck, dir)
		if why == nil {
			continue
		}
		f := Finding{Module: cmp.Or(modcache.CloneURL(dir), dir), Status: string(modcache.Damaged), text: "clone damaged (" + why.Error() + ")"}
		if !r.DryRun {
			f.fail(r.cloneAgain(ctx, git, fsck, dir))
			if f.Error == "" {
				f.Done = []string{"removed: the go command clones it again"}
			}
		}
		r.result.Findings = append(r.result.Findings, f)
	}
}

// cloneAgain removes a damaged clone if the repository answers, so that it can
// be cloned again.
func (r *repair) cloneAgain(ctx context.Context, git, fsck, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second) // a prompt or a hang of git's
	defer cancel()
	_, err := r.view.place.Unprompted().Output(ctx, git, "ls-remote", "--quiet", "--exit-code", "--end-of-options", modcache.CloneURL(dir), "HEAD")
	if err != nil {
		return errors.New("the repository does not answer, so that the clone was left as it is")
	}
	q, err := r.view.cache.QuarantineClone(ctx, fsck, dir)
	if err != nil || q == nil {
		return err
	}
	return q.Delete()
}
