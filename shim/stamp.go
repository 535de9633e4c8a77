package shim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/stamp"
	"github.com/gosteady/gosteady/internal/workspace"
	"github.com/gosteady/gosteady/shim/front"
)

// stamped names the commands that can have a stamp: those that load the packages of the
// module as it is, and ask for no versions anew.
var stamped = strings.Fields("build doc fix generate install list run test tool vet")

// asksAnew names the flags with which a command looks further, or at files that change
// from run to run.
var asksAnew = strings.Fields("u versions retracted reuse http overlay")

// stampSettings are the Go settings that a stamp depends on.
var stampSettings = strings.Fields(`GOOS GOARCH GOMODCACHE GOPROXY GOPRIVATE GONOPROXY GO111MODULE
	GOWORK GOTOOLCHAIN GOEXPERIMENT CGO_ENABLED GOAMD64 GOARM GOARM64 GO386
	GOMIPS GOMIPS64 GOPPC64 GORISCV64 GOWASM`)

// maxStamps bounds the stamps of one user; the oldest half goes when there
// are more.
const maxStamps = 512

// A stamping is what the stamp of a command says, and where the next one goes.
type stamping struct {
	file   string // "": the command has no stamp
	holds  bool   // nothing can have to be fetched
	second bool   // the real go went by the stamp a moment ago: this may be a second try
}

// lookUp looks up the stamp of a command, and notes that the real go goes by it now.
func lookUp(plan *front.Plan) stamping {
	t := stamping{file: stampFile(plan, journal.OpenStore(plan.Getenv))}
	if t.file == "" {
		return t
	}
	old, err := stamp.Read(t.file)
	if err != nil {
		return t
	}
	now := time.Now()
	next := old.Next(now)
	t.second = next == stamp.Watch
	t.holds = (next == stamp.Pass || next == stamp.Trust) && old.Holds()
	if t.holds && next == stamp.Pass {
		t.holds = stamp.Note(t.file, now) == nil // else nobody would know of a second try
	}
	return t
}

// stampable reports whether a command can have a stamp at all.
func stampable(plan *front.Plan) bool {
	in, w := &plan.Inv, plan.Workspace()
	if mod, _ := in.Flag("mod"); mod == "mod" {
		return false
	}
	return slices.Contains(stamped, in.Command) && w != nil && (w.ModFile != "" || w.WorkFile != "") &&
		!in.AtVersion() && plan.Real.GOROOT != "" && !slices.Contains(in.Rest, "-") &&
		!slices.ContainsFunc(asksAnew, func(name string) bool { _, given := in.Flag(name); return given })
}

// stampFile names the stamp of a command, "" if it can have none.
func stampFile(plan *front.Plan, store journal.Store) string {
	if store.Dir() == "" || !stampable(plan) {
		return ""
	}
	w := plan.Workspace()
	h := sha256.New()
	fmt.Fprintf(h, "6\n%s\n%s\n%q\n%q\n", plan.Real.Path, plan.Settings.LocalVersion(), plan.Dir, plan.Inv.Loads())
	for _, name := range stampSettings {
		fmt.Fprintf(h, "%s=%q\n", name, plan.Settings.Get(name))
	}
	for _, file := range append(append(w.ModFiles(), w.SumFiles()...), w.WorkFile) {
		if file == "" {
			continue
		}
		data, err := repofile.Read(file, repofile.MaxSum)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "" // what is in it, and when that changes, is not known
		}
		fmt.Fprintf(h, "%q %d\n", file, len(data))
		h.Write(data)
	}
	return filepath.Join(store.Dir(), "stamps", hex.EncodeToString(h.Sum(nil)[:16]))
}

// renewStamp records that a command has nothing to fetch, as of a run that began at that
// time. A stamp that cannot be written is none.
func (s *session) renewStamp(t stamping, begun time.Time) {
	if t.file == "" || s.store.Create() != nil {
		return
	}
	next := stamp.Stamp{Loaded: begun}
	if t.second {
		next.Trusted = stamp.Vouched(time.Now())
	}
	complete := false
	next.Modules, complete = inCache(s.plan, s.gosum.sums())
	next.Modules = append(next.Modules, replacing(s.plan.Workspace())...)
	if !complete {
		var err error
		// go test would be loaded twice each time, so there a large tree counts as unchanged.
		if next.Sources, err = sources(s.plan, begun); err != nil && s.plan.Route == front.Supervise {
			s.print.Debugf("no stamp: %v", err)
			return
		} else if err != nil {
			next.Sources = nil
		}
	}
	if err := next.Write(t.file); err != nil {
		s.print.Debugf("no stamp: %v", err)
		return
	}
	pruneStamps(filepath.Dir(t.file))
}

// fetchedNothing reports whether a supervised command had all that it needed.
func (s *session) fetchedNothing(o outcome) bool {
	return o.ending.OK() && len(o.met) == 0 && (s.relay == nil || !s.relay.Used()) && len(s.rec.Events()) == 0
}

// maxMods bounds the go.mod files in a stamp whose modules were not unpacked: beyond that,
// looking costs as much as it saves.
const maxMods = 500

// inCache lists what there is in the module cache of the modules that go.sum names: more
// than the command needs, and known without asking go. It is complete if it is all that go
// may ask for: without a workspace, it asks for nothing that go.sum does not name.
// The go command itself never changes an extracted module, nor a go.mod file.
func inCache(plan *front.Plan, sums *gosum.Sums) (list []stamp.Entry, complete bool) {
	cache := modcache.Cache{Dir: plan.Settings.Get("GOMODCACHE")}
	complete = plan.Workspace().WorkFile == ""
	there := make(map[module.Version]bool)
	add := func(path string, err error) bool {
		entry, ok := stamp.Look(path)
		if ok = ok && err == nil; ok {
			list = append(list, entry)
		}
		return ok
	}
	for m := range cache.Extracted(sums.Zips()) {
		if add(cache.ModuleDir(m)) {
			there[m] = true
			add(cache.File(m, modcache.Mod))
		}
	}
	mods := 0
	for m := range cache.Downloaded(sums.GoMods()) {
		if mods == maxMods {
			break
		}
		if !there[m] && add(cache.File(m, modcache.Mod)) {
			mods++
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list, complete && hasAll(sums.Zips(), func(m module.Version) bool {
		return there[m] || inDownloads(&cache, m, modcache.Zip)
	}) && hasAll(sums.GoMods(), func(m module.Version) bool { return inDownloads(&cache, m, modcache.Mod) })
}

// replacing are the go.mod files of directories that stand for modules.
func replacing(w *workspace.Workspace) (list []stamp.Entry) {
	hashed := w.ModFiles()
	for _, dir := range w.Local() {
		file := filepath.Join(dir, "go.mod")
		if entry, ok := stamp.Look(file); ok && !slices.Contains(hashed, file) {
			list = append(list, entry)
		}
	}
	return list
}

func hasAll(versions iter.Seq[module.Version], has func(module.Version) bool) bool {
	for m := range versions {
		if !has(m) {
			return false
		}
	}
	return true
}

func inDownloads(cache *modcache.Cache, m module.Version, suffix string) bool {
	file, err := cache.File(m, suffix)
	if err != nil {
		return false
	}
	_, err = os.Stat(file)
	return err == nil
}

// sources looks at what a command loads of the user's own modules, as it was before
// that time.
func sources(plan *front.Plan, before time.Time) (*stamp.Sources, error) {
	in := &plan.Inv
	if in.Command == "doc" || in.Command == "list" && in.Bool("m") {
		return nil, nil // go looks at no imports
	}
	scanner := stamp.Scanner{
		Local: plan.Workspace().Local(),
		Tests: slices.Contains([]string{"test", "vet", "fix"}, in.Command) || in.Bool("test"),
		Since: before.UnixNano(),
	}
	names := in.Packages()
	if len(names) == 0 {
		names = []string{"."}
	}
	if covered, ok := in.Flag("coverpkg"); ok {
		names = append(slices.Clone(names), strings.Split(covered, ",")...)
	}
	var patterns []stamp.Pattern
	for _, name := range names {
		patterns = append(patterns, patternsOf(plan.Dir, name, &scanner)...)
	}
	return scanner.Scan(patterns)
}

// patternsOf are the folders of the user's own modules that a package argument names.
func patternsOf(dir, name string, in *stamp.Scanner) (patterns []stamp.Pattern) {
	if strings.HasSuffix(name, ".go") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return []stamp.Pattern{{Path: name, File: true}}
	}
	if name == "all" || name == "work" {
		for _, root := range in.Local {
			patterns = append(patterns, stamp.Pattern{Path: root, Below: true})
		}
		return patterns
	}
	name, _, below := strings.Cut(name, "...")
	if below && strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "/") {
		name = filepath.Dir(name) + "/" // "./a..." is "./ab" too
	}
	name = strings.TrimSuffix(name, "/")
	switch {
	case filepath.IsAbs(name):
		return []stamp.Pattern{{Path: name, Below: below}}
	case name == "." || name == ".." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../"):
		return []stamp.Pattern{{Path: filepath.Join(dir, name), Below: below}}
	}
	if found, ok := in.Dir(name); ok {
		return []stamp.Pattern{{Path: found, Below: below}}
	}
	if !below {
		return nil // a package of a dependency, or of the standard library
	}
	for path, root := range in.Local { // a pattern that begins above a module's path
		if strings.HasPrefix(path, name) {
			patterns = append(patterns, stamp.Pattern{Path: root, Below: true})
		}
	}
	return patterns
}

// pruneStamps keeps the newest half of too many.
func pruneStamps(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) <= maxStamps {
		return
	}
	age := func(e fs.DirEntry) int64 {
		if fi, err := e.Info(); err == nil {
			return fi.ModTime().UnixNano()
		}
		return 0
	}
	sort.Slice(entries, func(i, j int) bool { return age(entries[i]) < age(entries[j]) })
	for _, e := range entries[:len(entries)-maxStamps/2] {
		os.Remove(filepath.Join(dir, e.Name()))
	}
}
