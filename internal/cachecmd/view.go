// Package cachecmd repairs and prunes the module cache, as the commands repair and prune do:
// from where a person stands, with the go.sum, the requirements and the settings in force
// there. What is damage and how it is repaired is modcache's.
//
//	view, err := cachecmd.Open(place)
//	…
//	defer view.Close()
//	result, err := cachecmd.Repair{All: true}.Run(ctx, view)
package cachecmd

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/gosum"
	"github.com/gosteady/gosteady/internal/here"
	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/modcache"
	"github.com/gosteady/gosteady/internal/workspace"
)

// A View is the module cache as the go command in one place sees it.
type View struct {
	place     here.Place
	settings  *goenv.Settings
	cache     *modcache.Cache
	workspace *workspace.Workspace
	sums      *gosum.Sums
	fetcher   *modcache.GoFetcher
}

// Open finds the cache and what the module or workspace in a place says of it. Close
// it when it is no longer used.
func Open(place here.Place) (*View, error) {
	real, err := place.RealGo()
	if err != nil {
		return nil, err
	}
	s := goenv.Read(place.Env, real.GOROOT)
	c := modcache.Of(s)
	if c == nil {
		return nil, errors.New("there is no module cache: neither GOMODCACHE nor GOPATH nor a home directory is set")
	}
	c.Writable, c.Kept = hasFlag(s, "-modcacherw"), journal.OpenStore(place.Getenv).Kept()
	w, err := workspace.Find(place.Dir, s, "")
	if err != nil {
		return nil, err
	}
	sums, err := gosum.ReadFiles(w.SumFiles()...)
	if err != nil {
		return nil, err
	}
	fetcher := &modcache.GoFetcher{Go: real.Path, Env: place.Env}
	return &View{place, s, c, w, sums, fetcher}, nil
}

// Close removes what fetching left behind.
func (v *View) Close() { v.fetcher.Close() }

// hasFlag reports whether GOFLAGS sets a boolean flag.
func hasFlag(s *goenv.Settings, name string) bool {
	flags, _ := goenv.SplitFlags(s.Get("GOFLAGS")) // unreadable: the go command says so itself
	return slices.ContainsFunc(flags, func(flag string) bool {
		flag = strings.Replace(flag, "--", "-", 1)
		return flag == name || flag == name+"=true" || flag == name+"=1"
	})
}

// versions are all that the cache has; it is empty before anything was fetched.
func (v *View) versions() ([]module.Version, error) {
	list, err := v.cache.Versions()
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return list, err
}

// used are the versions that the current module or workspace names, and the toolchains
// that go may turn to for it.
func (v *View) used() []module.Version {
	list := v.sums.Versions()
	required, _ := v.workspace.Requirements() // what can be read of them
	list = slices.Concat(list, required, v.cache.Toolchains())
	module.Sort(list)
	return slices.Compact(list)
}
