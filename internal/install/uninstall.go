package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gosteady/gosteady/policy"
	"github.com/gosteady/gosteady/shim/front"
)

// Uninstall undoes what the options name; with none, everything that is recorded, and
// shims in the usual place, as an older installer may have put there. It goes on past
// what cannot be undone, and returns all that went wrong. Nothing installed is no error.
func (in *Installer) Uninstall(o Options, dry bool) ([]Action, error) {
	u := &uninstaller{in: in, rec: in.openRecord(), dry: dry, seen: make(map[string]bool)}
	for _, root := range o.GOROOTs {
		u.tree(root)
	}
	named := o.Prefix != "" || o.System
	if !named && len(o.GOROOTs) > 0 {
		return u.done, errors.Join(u.errs...)
	}
	if !named {
		for _, rec := range u.rec.of("goroot") {
			u.tree(rec.Dir)
		}
		for _, rec := range u.rec.of("shims") {
			u.shims(&shims{dir: rec.Dir, system: rec.System})
		}
		for _, dir := range in.inPath() {
			u.shims(&shims{dir: dir})
		}
	}
	if s, err := in.shimsIn(o); err == nil {
		u.shims(s)
	} else if named {
		u.errs = append(u.errs, err)
	}
	if dir := systemShims(in.Getenv); !named && !u.seen[dir] && front.IsGosteady(filepath.Join(dir, exe("go"))) {
		in.Say("left for all users: " + dir + "; gosteady uninstall --system removes it")
	}
	// What is remembered goes with the last installation, and not while something could
	// not be undone.
	if len(u.errs) == 0 && len(u.rec.list) == 0 && (!named || len(u.done) > 0) {
		u.state()
		u.config(o.System)
	}
	return u.done, errors.Join(u.errs...)
}

// inPath lists the shims in PATH, as an older installer may have put there unrecorded.
// Those for all users are not this user's.
func (in *Installer) inPath() (list []string) {
	for _, dir := range filepath.SplitList(in.Getenv("PATH")) {
		if filepath.IsAbs(dir) && dir != systemShims(in.Getenv) && isThere(filepath.Join(dir, recordedGo)) && front.IsGosteady(filepath.Join(dir, exe("go"))) {
			list = append(list, filepath.Clean(dir))
		}
	}
	return list
}

// An uninstaller collects what was done and what went wrong.
type uninstaller struct {
	in   *Installer
	rec  *records
	dry  bool // only say what would be done
	done []Action
	errs []error
	seen map[string]bool // directories of shims
}

// of returns the records of one kind.
func (r *records) of(kind string) (list []Record) {
	for _, rec := range r.list {
		if rec.Kind == kind {
			list = append(list, rec)
		}
	}
	return list
}

func (u *uninstaller) add(action, kind, path string) {
	u.done = append(u.done, Action{Action: action, Kind: kind, Path: path})
}

// tree takes us out of a GOROOT.
func (u *uninstaller) tree(root string) {
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved
	}
	record := Record{Kind: "goroot", Dir: root}
	if u.dry {
		s := StateOf(root)
		if s == Standing || s == Overwritten {
			u.add("restore", "goroot", root)
		}
		if s != Stranded {
			u.drop(record)
		}
		return
	}
	did, err := treeAt(root).restore()
	if err != nil {
		u.errs = append(u.errs, err)
		return
	}
	if did != "" {
		u.in.Say(did)
		u.add("restore", "goroot", root)
	}
	u.drop(record)
}

// drop forgets a record; one that cannot be written is told of. The file stays as it is
// where nothing is done.
func (u *uninstaller) drop(rec Record) {
	if u.dry {
		u.rec.forget(rec)
		return
	}
	if u.rec.file == "" {
		return
	}
	if err := u.rec.drop(rec); err != nil {
		u.errs = append(u.errs, err)
	}
}

// shims removes a directory of shims, and what puts it into PATH.
func (u *uninstaller) shims(s *shims) {
	if u.seen[s.dir] {
		return
	}
	u.seen[s.dir] = true
	record := Record{Kind: "shims", Dir: s.dir}
	if u.dry {
		if s.onlyOurs() == nil {
			u.shimsDry(s)
			u.drop(record)
		}
		return
	}
	removed, err := s.remove(u.in)
	if err != nil {
		u.errs = append(u.errs, err)
		return
	}
	if removed {
		u.in.Say("removed from " + s.dir)
		u.add("remove", "shims", s.dir)
	}
	if at := u.rec.index(record); at >= 0 {
		removeEmptyDirs(u.rec.list[at].Made...)
	}
	changed, errs := s.removeFromPath(u.in)
	u.errs = append(u.errs, errs...)
	if did, err := u.in.forgetGitHub(s.dir); err != nil {
		u.errs = append(u.errs, err)
	} else if did {
		changed = append(changed, u.in.Getenv("GITHUB_PATH"))
	}
	for _, name := range changed {
		u.in.Say("removed from " + name + ": the line of gosteady")
		u.add("remove", "path", name)
	}
	u.drop(record)
}

// shimsDry says what shims would do.
func (u *uninstaller) shimsDry(s *shims) {
	if isThere(filepath.Join(s.dir, exe("go"))) {
		u.add("remove", "shims", s.dir)
	}
	for _, name := range s.setBy(u.in) {
		u.add("remove", "path", name)
	}
	if file, told := u.in.toldGitHub(s.dir); told {
		u.add("remove", "path", file)
	}
}

// state removes the journal, stamps and what is remembered of upstreams, but not a
// directory that the user named.
func (u *uninstaller) state() {
	dir := u.in.stateDir()
	switch {
	case dir == "":
	case !isThere(dir): // the record was all that it had
		u.aboveState(dir)
	case u.in.Getenv("GOSTEADY_STATE") != "":
		u.in.Say("kept GOSTEADY_STATE=" + dir + ", which you named")
	case u.dry:
		u.add("remove", "state", dir)
	default:
		if err := os.RemoveAll(dir); err != nil {
			u.errs = append(u.errs, fmt.Errorf("cannot remove %s: %w", dir, err))
			return
		}
		u.add("remove", "state", dir)
		u.aboveState(dir)
	}
}

// aboveState removes what was made above the usual state directory, as far as it is empty.
func (u *uninstaller) aboveState(dir string) {
	switch {
	case u.dry || u.in.Getenv("GOSTEADY_STATE") != "":
	case runtime.GOOS == "windows":
		removeEmptyDirs(filepath.Dir(dir))
	default:
		home := u.in.Getenv("HOME")
		removeEmptyDirs(filepath.Join(home, ".local", "state"), filepath.Join(home, ".local"))
	}
}

// config removes the list of trusted values, which gosteady wrote; a policy is what a
// person wrote, and theirs to remove.
func (u *uninstaller) config(system bool) {
	for _, dir := range u.in.configDirs(system) {
		trusted := filepath.Join(dir, "trusted")
		if isThere(trusted) {
			u.add("remove", "state", trusted)
		}
		if u.dry {
			continue
		}
		_ = os.Remove(trusted) // there may be none
		_ = os.Remove(dir)     // only if it is empty
		if policy := filepath.Join(dir, "policy.yaml"); isThere(policy) {
			u.in.Say("kept the policy " + policy + ", which you wrote")
		}
	}
}

// configDirs are the directories of policies in which gosteady keeps what is trusted.
func (in *Installer) configDirs(system bool) []string {
	var dirs []string
	for _, s := range []bool{false, true} {
		if store, err := (policy.Loader{Getenv: in.Getenv}).TrustStore(s); err == nil && (!s || system) {
			dirs = append(dirs, filepath.Dir(store.Path()))
		}
	}
	return dirs
}
