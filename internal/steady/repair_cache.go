package steady

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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

// A cacheView is the module cache as the go command in this directory sees it.
type cacheView struct {
	settings  *goenv.Settings
	cache     *modcache.Cache
	workspace *workspace.Workspace
	sums      *gosum.Sums
	fetcher   *modcache.GoFetcher
	git       here.Place // to run it in
}

func (app *App) openCache() (*cacheView, error) {
	real, err := app.RealGo()
	if err != nil {
		return nil, err
	}
	s := goenv.Read(app.Env, real.GOROOT)
	dir := s.Get("GOMODCACHE")
	if !filepath.IsAbs(dir) {
		return nil, errors.New("there is no module cache: neither GOMODCACHE nor GOPATH nor a home directory is set")
	}
	c := &modcache.Cache{Dir: filepath.Clean(dir), Writable: hasFlag(s, "-modcacherw"), Kept: journal.OpenStore(app.Getenv).Kept()}
	c.Index = modcache.Index{
		Dir:      s.Get("GOCACHE"),
		Versions: c.GoVersions(s.GOROOT()),
		External: s.Get("GOCACHEPROG") != "",
	}
	w, err := workspace.Find(app.Dir, s, "")
	if err != nil {
		return nil, err
	}
	sums, err := gosum.ReadFiles(w.SumFiles()...)
	if err != nil {
		return nil, err
	}
	fetcher := &modcache.GoFetcher{Go: real.Path, Env: app.Env}
	return &cacheView{s, c, w, sums, fetcher, app.Unprompted()}, nil
}

func (v *cacheView) Close() { v.fetcher.Close() }

// hasFlag reports whether GOFLAGS sets a boolean flag.
func hasFlag(s *goenv.Settings, name string) bool {
	flags, _ := goenv.SplitFlags(s.Get("GOFLAGS")) // unreadable: the go command says so itself
	return slices.ContainsFunc(flags, func(flag string) bool {
		flag = strings.Replace(flag, "--", "-", 1)
		return flag == name || flag == name+"=true" || flag == name+"=1"
	})
}

// versions are all that the cache has; it is empty before anything was fetched.
func (v *cacheView) versions() ([]module.Version, error) {
	list, err := v.cache.Versions()
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return list, err
}

// used are the versions that the current module or workspace names.
func (v *cacheView) used() []module.Version {
	list := v.sums.Versions()
	required, _ := v.workspace.Requirements() // what can be read of them
	list = append(list, required...)
	module.Sort(list)
	return slices.Compact(list)
}

// has reports whether the cache has anything of a version.
func (v *cacheView) has(m module.Version) bool {
	for _, suffix := range []string{modcache.Zip, modcache.Mod, modcache.Info} {
		if file, err := v.cache.File(m, suffix); err == nil {
			if _, err := os.Stat(file); err == nil {
				return true
			}
		}
	}
	dir, err := v.cache.ModuleDir(m)
	if err != nil {
		return false
	}
	_, err = os.Stat(dir)
	return err == nil
}
