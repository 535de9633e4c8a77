package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/tui"
)

const (
	// littleSpace is less than one large build needs.
	littleSpace = 1 << 30
	// maxWalk bounds how many files are counted: the size is a courtesy.
	maxWalk = 200_000
)

// checkCache looks at the module cache: where it is, whether it can be
// written, how large it is, and whether anything in it is damaged.
func (d *doctor) checkCache(ctx context.Context) []Check {
	dir := d.settings.Get("GOMODCACHE")
	if !filepath.IsAbs(dir) {
		return []Check{{Verdict: tui.Fail, Text: "there is no place for a module cache: neither GOMODCACHE, GOPATH nor a home directory is set",
			Fix: "export GOMODCACHE=/some/directory"}}
	}
	checks := []Check{checkWritable(dir)}
	if checks[0].Verdict == tui.OK {
		checks[0].Text += cacheSize(ctx, dir)
	}
	if free, ok := freeSpace(existing(dir)); ok && free < littleSpace {
		checks = append(checks, Check{Verdict: tui.Warn, Text: fmt.Sprintf("only %s free on the disk of the module cache", tui.Size(int64(free))),
			Fix: "make room; go clean -cache gives back the build cache"})
	}
	if split, ok := splitCache(dir); ok {
		checks = append(checks, split)
	}
	return append(checks, d.checkDamage(ctx, dir)...)
}

// existing is the directory or the nearest one above it that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// checkWritable makes a file in the cache, or where the cache would be made.
func checkWritable(dir string) Check {
	at := existing(dir)
	f, err := os.CreateTemp(at, "gosteady-doctor-*")
	if err != nil {
		return unwritable(dir, err)
	}
	f.Close()
	os.Remove(f.Name())
	if at != dir {
		return Check{Verdict: tui.OK, Text: dir + " does not exist yet, and can be made"}
	}
	return Check{Verdict: tui.OK, Text: dir + " is writable"}
}

// unwritable says why a cache cannot be written; the name of the file that was
// tried is none of a reader's business.
func unwritable(dir string, err error) Check {
	c := Check{Verdict: tui.Fail, Fix: "set GOMODCACHE to a directory of your own"}
	if errors.Is(err, fs.ErrPermission) {
		c.Fix = "sudo chown -R \"$(id -u)\" " + dir + ", or " + c.Fix
	}
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	c.Text = fmt.Sprintf("the module cache %s cannot be written: %v", dir, err)
	return c
}

// cacheSize adds up the files, as far as time and patience allow.
func cacheSize(ctx context.Context, dir string) string {
	var total int64
	files := 0
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if files++; files > maxWalk || ctx.Err() != nil {
			return fs.SkipAll
		}
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	if files == 0 || err != nil {
		return ""
	}
	if files > maxWalk || ctx.Err() != nil {
		return ", more than " + tui.Size(total)
	}
	return ", " + tui.Size(total)
}

// splitCache: the go command renames between the parts of the cache, which a
// mount inside it (as image builds like to make) prevents.
func splitCache(dir string) (Check, bool) {
	a, okA := deviceOf(dir)
	b, okB := deviceOf(filepath.Join(dir, "cache", "download"))
	if !okA || !okB || a == b {
		return Check{}, false
	}
	return Check{Verdict: tui.Note, Text: "the download cache is on another file system than the extracted modules",
		Fix: "mount all of " + dir + ", not a part of it"}, true
}

// checkDamage takes a quick look at the versions that the module here
// requires, and at the toolchains: truncated and garbage files, not every byte.
func (d *doctor) checkDamage(ctx context.Context, dir string) []Check {
	required, _ := d.workspace.Requirements()
	cache := modcache.Cache{Dir: dir}
	toolchains := cache.Toolchains()
	if len(required)+len(toolchains) == 0 {
		return nil
	}
	sums, _ := gosum.ReadFiles(d.workspace.SumFiles()...)
	var checks []Check
	for _, state := range cache.Quick(ctx, append(toolchains, required...), sums) {
		if state.Status == modcache.Damaged {
			checks = append(checks, Check{Verdict: tui.Warn, Text: "damaged in the module cache: " + state.String(), Fix: "go steady repair"})
		}
	}
	if len(checks) == 0 {
		seen := tui.Count(len(required), "required module")
		if n := len(toolchains); n > 0 {
			seen += " and " + tui.Count(n, "toolchain")
		}
		return []Check{{Verdict: tui.OK, Text: "no damage at a quick look at " + seen}}
	}
	return checks
}
