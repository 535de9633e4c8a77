package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/gosteady/gosteady/internal/repofile"
)

// ModFiles returns the go.mod files of all main modules: those that go.work
// uses, or the one.
func (w *Workspace) ModFiles() []string {
	if w.WorkFile != "" {
		work, err := w.parseWork()
		if err != nil {
			return nil
		}
		return w.members(work)
	}
	if w.ModFile == "" {
		return nil
	}
	return []string{w.ModFile}
}

// SumFiles returns the files whose hashes the go command goes by: go.sum
// beside the go.mod (or named after the -modfile), or go.work.sum and the
// go.sum of each member. They need not exist.
func (w *Workspace) SumFiles() []string {
	var files []string
	if w.WorkFile != "" {
		files = append(files, w.WorkFile+".sum")
	}
	for _, mod := range w.ModFiles() {
		files = append(files, strings.TrimSuffix(mod, ".mod")+".sum")
	}
	return files
}

// Requirements returns the module versions that the main modules require, of
// several of one path the highest, after exclude and replace: a module that is
// replaced by another is given as that other, once; what comes from a directory
// is left out. What could be read is returned along with an error.
func (w *Workspace) Requirements() ([]module.Version, error) {
	var g graph
	var errs []error
	files := w.ModFiles()
	if w.WorkFile != "" {
		work, err := w.parseWork()
		if err != nil {
			return nil, err
		}
		g.replace(work.Replace)
	}
	for _, file := range files {
		if err := g.read(file); err != nil {
			errs = append(errs, err)
		}
	}
	return g.requirements(), errors.Join(errs...)
}

// Local returns where the modules are that come from directories: the main modules, and
// those that are replaced by a directory, by path. What can be read is returned.
func (w *Workspace) Local() map[string]string {
	local := make(map[string]string)
	directory := func(from string, list []*modfile.Replace) {
		for _, r := range list {
			if _, known := local[r.Old.Path]; known || r.New.Version != "" {
				continue
			}
			dir := filepath.FromSlash(r.New.Path)
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(from, dir)
			}
			local[r.Old.Path] = dir
		}
	}
	if w.WorkFile != "" {
		if work, err := w.parseWork(); err == nil {
			directory(filepath.Dir(w.WorkFile), work.Replace)
		}
	}
	for _, file := range w.ModFiles() {
		root := filepath.Dir(file)
		if w.WorkFile == "" {
			root = w.ModRoot // -modfile lies where it likes
		}
		data, err := repofile.Read(file, repofile.MaxMod)
		if err != nil {
			continue
		}
		f, err := modfile.Parse(file, data, asWritten)
		if err != nil {
			continue
		}
		if f.Module != nil {
			local[f.Module.Mod.Path] = root
		}
		directory(root, f.Replace)
	}
	return local
}

func (w *Workspace) parseWork() (*modfile.WorkFile, error) {
	data, err := repofile.Read(w.WorkFile, repofile.MaxMod)
	if err != nil {
		return nil, err
	}
	return modfile.ParseWork(w.WorkFile, data, asWritten)
}

func (w *Workspace) members(work *modfile.WorkFile) []string {
	var files []string
	for _, use := range work.Use {
		dir := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(w.WorkFile), dir)
		}
		files = append(files, filepath.Join(dir, "go.mod"))
	}
	return files
}

// unresolved ends the version that stands for one such as "master", which the
// go command would have to ask for: nobody can know it without asking.
const unresolved = "-unresolved"

// asWritten keeps canonical versions, and lets files with others be parsed.
func asWritten(path, version string) (string, error) {
	if module.CanonicalVersion(version) == version {
		return version, nil
	}
	_, major, _ := module.SplitPathVersion(path)
	return cmp.Or(module.PathMajorPrefix(major), "v0") + ".0.0" + unresolved, nil
}

// graph gathers the statements of the main modules' files.
type graph struct {
	main     map[string]bool
	required map[string]string // path to highest version
	order    []string
	excluded map[module.Version]bool
	replaced map[module.Version]module.Version
	excludes []*modfile.Exclude
	requires []*modfile.Require
}

func (g *graph) read(file string) error {
	data, err := repofile.Read(file, repofile.MaxMod)
	if err != nil {
		return err
	}
	f, err := modfile.Parse(file, data, asWritten)
	if err != nil {
		return fmt.Errorf("parsing go.mod: %w", err)
	}
	if f.Module != nil {
		if g.main == nil {
			g.main = make(map[string]bool)
		}
		g.main[f.Module.Mod.Path] = true
	}
	g.requires = append(g.requires, f.Require...)
	g.excludes = append(g.excludes, f.Exclude...)
	g.replace(f.Replace)
	return nil
}

// replace adds replacements; those of go.work come first and win.
func (g *graph) replace(list []*modfile.Replace) {
	if g.replaced == nil {
		g.replaced = make(map[module.Version]module.Version)
	}
	for _, r := range list {
		if _, ok := g.replaced[r.Old]; !ok {
			g.replaced[r.Old] = r.New
		}
	}
}

func (g *graph) requirements() []module.Version {
	g.excluded = make(map[module.Version]bool)
	for _, e := range g.excludes {
		g.excluded[e.Mod] = true
	}
	g.required = make(map[string]string)
	for _, r := range g.requires {
		g.require(r.Mod)
	}
	var list []module.Version
	for _, path := range g.order {
		m := g.replacement(module.Version{Path: path, Version: g.required[path]})
		if m.Version != "" && !slices.Contains(list, m) { // a fork may stand for several
			list = append(list, m)
		}
	}
	return list
}

func (g *graph) require(m module.Version) {
	if g.main[m.Path] || g.excluded[m] || strings.HasSuffix(m.Version, unresolved) {
		return
	}
	have, ok := g.required[m.Path]
	if !ok {
		g.order = append(g.order, m.Path)
	}
	if !ok || semver.Compare(m.Version, have) > 0 {
		g.required[m.Path] = m.Version
	}
}

// replacement applies the replacement of this very version, or else of the
// path. A directory has no version.
func (g *graph) replacement(m module.Version) module.Version {
	if r, ok := g.replaced[m]; ok {
		return r
	}
	if r, ok := g.replaced[module.Version{Path: m.Path}]; ok {
		return r
	}
	return m
}
