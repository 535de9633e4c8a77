package modcache

import (
	"context"

	"golang.org/x/mod/module"
)

type facts struct{}

// Verify looks at versions in parallel. The states come in the same order.
func (c *Cache) Verify(ctx context.Context, versions []module.Version, sums Sums) []State {
	return make([]State, len(versions))
}

// An Outcome is what Repair did about one version.
type Outcome struct {
	Module module.Version
	Before State
	Done   []string // what was done, for people: "zip replaced", …
	Err    error    // why something was left as it is
}

// Mended reports whether all that was damaged is right now.
func (o Outcome) Mended() bool { return o.Err == nil }

// Repair mends what Verify found.
func (c *Cache) Repair(ctx context.Context, states []State, sums Sums, fetch Fetcher) []Outcome {
	return nil
}

// What names the files of a version that a Fetcher is asked for.
type What int

const (
	Meta What = iota // .info and .mod
	All              // and the zip
)

// Files are a version's files as they were fetched and verified.
type Files struct {
	Info, Mod, Zip string // paths, to read only; Zip is "" unless All was asked for
	SumDB          bool   // the checksum database confirmed them
}

// A Fetcher brings replacements.
type Fetcher interface {
	Fetch(ctx context.Context, m module.Version, what What) (Files, error)
}

// Suspects are what the text of a failure points at.
type Suspects struct {
	Versions []module.Version // to verify, most suspicious first
	Clones   []string         // directories in cache/vcs
}

// Suspects reads the text of a failure.
func (c *Cache) Suspects(text string, sums Sums) Suspects { return Suspects{} }

// PathsIn returns the module versions whose files in the module cache are mentioned.
func PathsIn(text, gomodcache string) []module.Version { return nil }

// Index is where the build cache keeps its indexes of module directories.
type Index struct {
	Dir      string   // GOCACHE
	Versions []string // Go versions whose indexes count, "go1.26.8"
	External bool     // GOCACHEPROG is in use: indexes cannot be reached
}

// A GoFetcher fetches by running the real go in a scratch module cache.
type GoFetcher struct {
	Go      string   // the real go
	Env     []string // the environment: GOPROXY, credentials, …
	NoSumDB func(modPath string) bool
}
