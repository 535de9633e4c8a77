// Package modcache knows the go command's module cache on disk: where
// everything lies, whether it is as it should be, and how to repair it without
// ever making it worse.
//
// # From a failure to a cache that is right
//
// [Cache.Suspects] reads what the text of a failure points at (suspects.go), [Cache.Find]
// which of it is damaged: verify.go gathers facts from the disk, judge.go concludes from
// them. [Cache.Repair] has a replacement fetched (fetch.go), takes the lock and looks again
// (repair.go); accept.go decides what may be put in place, fix.go puts it there, repairdir.go
// repairs a directory. [Cache.Heal] is all of that in a row, for a command that failed.
// judge.go and accept.go are pure. Zips are read by zip.go alone.
//
// [Cache.Install] puts what was downloaded in the go command's place; [Cache.Remove] is for
// pruning; [Cache.Gaps] is a quick look before code of the user runs.
//
// # What is true
//
// Three witnesses speak about the content of a module version: the project's
// go.sum, the .ziphash that the go command wrote when it verified the
// download, and the zip or the extracted directory itself. A zip that agrees
// with its own .ziphash is good, whatever a go.sum says: a hostile go.sum must
// not be able to destroy a cache that others share. Damage is what contradicts
// a good witness, or cannot be read at all. Where nobody can say who is right,
// [Cache.Verify] says so and [Cache.Repair] leaves everything as it is.
//
// # How it is repaired
//
// Nothing is deleted or overwritten before a verified replacement is in hand:
// the good zip where only the directory is bad, else a copy that a [Fetcher]
// brings, which must match go.sum where go.sum knows the version, and either
// the recorded .ziphash or the checksum database. The change itself is made
// under the lock that cmd/go takes for that version, after looking again. Files
// are written beside and renamed over. A directory is repaired file by file,
// since its readers take no lock; a .partial mark stands while that goes on, so
// that a go command that starts meanwhile waits for the lock, and extracts the
// directory anew itself if we die. Each step has a name, and a test kills
// the process at each.
//
// # The index
//
// The build cache keeps an index of each module directory, by its path and Go
// version alone. An index made of a damaged directory outlives the damage, so
// it is dropped with the repair, and where a failure points at a directory in
// which nothing is wrong. See [Index].
//
// The layout is that of cmd/go 1.21 to 1.26 (modfetch, modindex, codehost).
package modcache

import (
	"path/filepath"
	"runtime"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
)

// A Cache is a module cache. Only Dir is needed.
type Cache struct {
	Dir       string                // GOMODCACHE, absolute, spelled as the go command spells it: the index depends on it
	Index     Index                 // where indexes of module directories lie; zero: none are looked for
	Writable  bool                  // leave new directories writable, as -modcacherw does
	Kept      string                // where copies go of changed files that look like somebody's work, before they are repaired; "" for nowhere
	Workers   int                   // versions looked at side by side; 0: one a processor
	Progress  func(done, total int) // told as versions are finished, from one goroutine at a time; may be nil
	Verifying func(module.Version)  // told before a version is looked at, concurrently; may be nil

	step   func(name string) // told before each step of a change; tests stop the process there
	hashed func(file string) // told which zip or directory is read in full, concurrently; tests count
}

// Of is the module cache of go commands with these settings, nil where they name none.
func Of(s *goenv.Settings) *Cache {
	dir := s.Get("GOMODCACHE")
	if !filepath.IsAbs(dir) {
		return nil
	}
	c := &Cache{Dir: filepath.Clean(dir)}
	c.Index = Index{Dir: s.Get("GOCACHE"), Versions: c.GoVersions(s.GOROOT()), External: s.Get("GOCACHEPROG") != ""}
	return c
}

// Sums are the hashes that a project vouches for; *gosum.Sums is one. A nil
// Sums knows nothing.
type Sums interface {
	Zip(m module.Version) []string   // "h1:" hashes of the zip; nil if unknown
	GoMod(m module.Version) []string // of the go.mod file
	Versions() []module.Version      // every version named
}

type noSums struct{}

func (noSums) Zip(module.Version) []string   { return nil }
func (noSums) GoMod(module.Version) []string { return nil }
func (noSums) Versions() []module.Version    { return nil }

func orNone(s Sums) Sums {
	if s == nil {
		return noSums{}
	}
	return s
}

func (c *Cache) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (c *Cache) at(step string) {
	if c.step != nil {
		c.step(step)
	}
}

func (c *Cache) hashes(file string) {
	if c.hashed != nil {
		c.hashed(file)
	}
}
