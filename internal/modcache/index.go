package modcache

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/repofile"
	"github.com/gosteady/gosteady/internal/robust"
)

// An Index is where the build cache keeps indexes of module directories.
//
// The go command trusts such an index for as long as the module directory has
// the same path, since directories of the module cache are not supposed to
// change (cmd/go/internal/modindex). What is in an index is the go command's own
// affair, and changes with its versions: an index is not read here, but dropped.
type Index struct {
	Dir      string   // GOCACHE; "" or "off": there are none
	Versions []string // the Go versions whose indexes count, as runtime.Version has them: "go1.26.8"
	External bool     // GOCACHEPROG is set: indexes are kept where they cannot be reached
}

// ErrExternal says that an index may be stale and cannot be dropped.
var ErrExternal = errors.New("GOCACHEPROG keeps the build cache: an index made of the damaged directory cannot be dropped (GODEBUG=goindex=0 passes it by)")

// formats are the index formats of go1.19 to go1.26 and the next ones: a key
// that does not exist costs one failed stat.
var formats = []string{"go index v0", "go index v1", "go index v2", "go index v3", "go index v4"}

// keys returns the names of the index entries of a module directory, as
// modindex.moduleHash and cache.NewHash make them.
func (x Index) keys(dir string) []string {
	if x.Dir == "" || x.Dir == "off" || x.External {
		return nil
	}
	var files []string
	for _, version := range x.Versions {
		salt, _, _ := strings.Cut(version, " X:")
		salt, _, _ = strings.Cut(salt, "-X:")
		for _, format := range formats {
			h := sha256.New()
			fmt.Fprintf(h, "%smodule index %s %s %v\n", salt, version, format, filepath.Clean(dir))
			id := h.Sum(nil)
			files = append(files, filepath.Join(x.Dir, fmt.Sprintf("%02x", id[0]), fmt.Sprintf("%x-a", id)))
		}
	}
	return files
}

// Drop removes the indexes of a module directory. The go command makes a new
// one when it needs it.
func (x Index) Drop(dir string) (dropped bool, err error) {
	if x.External {
		return false, ErrExternal
	}
	var errs []error
	for _, file := range x.keys(dir) {
		switch err := robust.Remove(file); {
		case err == nil:
			dropped = true
		case !isMissing(err):
			errs = append(errs, err)
		}
	}
	return dropped, errors.Join(errs...)
}

// LastUse is when an index of the directory was last used, to the hour; zero
// if there is none.
func (x Index) LastUse(dir string) time.Time {
	var last time.Time
	for _, file := range x.keys(dir) {
		if fi, err := os.Stat(file); err == nil && fi.ModTime().After(last) {
			last = fi.ModTime()
		}
	}
	return last
}

// made is when the oldest index of the directory was made, zero if there is none. The
// entry in the build cache says so: "v1 <id> <output> <size> <unix nanoseconds>".
func (x Index) made(dir string) time.Time {
	var first time.Time
	for _, file := range x.keys(dir) {
		data, err := repofile.Read(file, maxEntry)
		fields := strings.Fields(string(data))
		if err != nil || len(fields) != 5 {
			continue // then the go command makes a new one
		}
		if ns, err := strconv.ParseInt(fields[4], 10, 64); err == nil && (first.IsZero() || ns < first.UnixNano()) {
			first = time.Unix(0, ns)
		}
	}
	return first
}

// maxEntry bounds an entry of the build cache, which is one line.
const maxEntry = 4 << 10

// reindex drops the indexes of versions at which a failure points, and in which nothing
// is wrong: they may be of what the directory was like while it was damaged, here or
// where the build cache was filled. The lock remembers that, so that a failure with
// another reason costs the go command one index and one more run, and not each time.
func (c *Cache) reindex(ctx context.Context, s Suspects) []Outcome {
	unseen := func(p place, made time.Time) bool {
		looked := p.repairedAt()
		return s.Indexes == AnyIndex && (looked.IsZero() || made.Before(looked))
	}
	var list []Outcome
	for _, m := range s.Versions {
		if c.dropIndex(ctx, m, unseen) {
			list = append(list, Outcome{Module: m, Done: []string{"index dropped"}})
		}
	}
	return list
}

// DropOutdated drops the indexes of directories that are right, and were changed after
// the index was made. It returns the versions.
func (c *Cache) DropOutdated(ctx context.Context, states []State) []module.Version {
	var list []module.Version
	for _, s := range states {
		if s.Status == Complete && c.dropIndex(ctx, s.Module, func(place, time.Time) bool { return false }) {
			list = append(list, s.Module)
		}
	}
	return list
}

// dropIndex drops the indexes of a directory that was changed after they were made, or
// where they are doubted.
func (c *Cache) dropIndex(ctx context.Context, m module.Version, doubted func(p place, made time.Time) bool) bool {
	p, err := c.place(m)
	if err != nil || c.Index.made(p.dir).IsZero() {
		return false
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return false
	}
	defer unlock()
	made := c.Index.made(p.dir)
	if made.IsZero() || !doubted(p, made) && !made.Before(changed(p.dir)) {
		return false
	}
	dropped, err := c.Index.Drop(p.dir)
	if dropped {
		p.note()
	}
	return dropped && err == nil
}

// changed is when a file or folder of a tree was last changed, as far as the file system
// tells.
func changed(dir string) time.Time {
	var last time.Time
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be looked at tells nothing
		}
		if fi, err := d.Info(); err == nil && fi.ModTime().After(last) {
			last = fi.ModTime()
		}
		return nil
	})
	return last
}

// GoVersions returns the Go versions whose indexes can be in the build cache:
// those of the GOROOTs given, and of the toolchains in the module cache.
func (c *Cache) GoVersions(goroots ...string) []string {
	var list []string
	for _, root := range goroots {
		data, err := os.ReadFile(filepath.Join(root, "VERSION"))
		if line, _, _ := strings.Cut(string(data), "\n"); err == nil && strings.HasPrefix(line, "go") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	for _, m := range c.Toolchains() {
		version, ok := strings.CutPrefix(m.Version, "v0.0.1-")
		if i := strings.LastIndexByte(version, '.'); ok && i > 0 { // go1.25.1.linux-amd64
			list = append(list, version[:i])
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
