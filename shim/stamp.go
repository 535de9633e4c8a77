package shim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/wholefile"
	"github.com/gosteady/gosteady/shim/front"
)

// A stamp says that a command which runs user code had nothing left to fetch:
// the next one that loads the same, with the same module files and settings, goes to
// the real go at once, for as long as the module directories that were there
// still are, and no file of the packages that are named was edited. Where a
// package that those import was edited, a stale stamp means that nothing is healed.

// stampSettings are the Go settings that a stamp depends on.
var stampSettings = strings.Fields(`GOOS GOARCH GOMODCACHE GOPROXY GOPRIVATE GONOPROXY GO111MODULE
	GOWORK GOTOOLCHAIN GOEXPERIMENT CGO_ENABLED GOAMD64 GOARM GOARM64 GO386`)

// maxStamps bounds the stamps of one user; the oldest half goes when there
// are more.
const maxStamps = 512

// stampHolds reports whether the command of a plan is warm.
func stampHolds(plan *front.Plan) bool {
	file := stampFile(plan, journal.OpenStore(plan.Getenv))
	if file == "" {
		return false
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	first, dirs, _ := strings.Cut(string(data), "\n")
	loaded, err := strconv.ParseInt(first, 36, 64)
	if err != nil || edited(plan, time.Unix(0, loaded)) {
		return false
	}
	for line := range strings.Lines(dirs) {
		changed, dir, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if fi, err := os.Stat(dir); err != nil || nanos(fi.ModTime()) != changed {
			return false
		}
	}
	return true
}

// writeStamp records that the command of a plan is warm, as of the time at which
// its packages were loaded. A stamp that cannot be written is none.
func writeStamp(plan *front.Plan, store journal.Store, loaded time.Time) {
	file := stampFile(plan, store)
	if file == "" || store.Create() != nil {
		return
	}
	if wholefile.WriteString(file, nanos(loaded)+"\n"+moduleDirs(plan)) != nil {
		return
	}
	pruneStamps(filepath.Dir(file))
}

// moduleDirs lists the module directories that go.sum names and that are
// there, one a line: more than the command needs, and known without asking go.
// Before each is when something at its top came or went last; the go command itself
// never changes an extracted module.
func moduleDirs(plan *front.Plan) string {
	cache := modcache.Cache{Dir: plan.Settings.Get("GOMODCACHE")}
	sums, _ := gosum.ReadFiles(plan.Workspace().SumFiles()...)
	var lines []string
	for m := range cache.Extracted(sums.Zips()) {
		dir, err := cache.ModuleDir(m)
		if err != nil || strings.Contains(dir, "\n") {
			continue
		}
		if fi, err := os.Stat(dir); err == nil {
			lines = append(lines, nanos(fi.ModTime())+" "+dir+"\n")
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// nanos is a time as a stamp has it.
func nanos(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 36) }

// stampFile names the stamp of a command, "" if it can have none: outside a
// module, without a state directory, or where versions are asked for anew.
func stampFile(plan *front.Plan, store journal.Store) string {
	w := plan.Workspace()
	if store.Dir() == "" || w == nil || w.ModFile == "" && w.WorkFile == "" || plan.Inv.AtVersion() || plan.Real.GOROOT == "" {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "4\n%s\n%s\n%q\n%q\n", plan.Real.Path, plan.Settings.LocalVersion(), plan.Dir, plan.Inv.Loads())
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
