package modcache

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// quickZip looks at a zip's directory only: is this a zip, of this version, with
// room for all its files? It takes no decompression. Where dir is given, the
// names and sizes of the extracted files are compared with those in the zip.
func quickZip(m module.Version, file, dir string) (*Diff, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	if len(z.File) == 0 {
		return nil, errors.New("an empty zip")
	}
	prefix := zipPrefix(m)
	sizes := make(map[string]int64, len(z.File))
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, prefix)
		if !ok {
			return nil, fmt.Errorf("has %s, which is not of this version", f.Name)
		}
		if _, err := f.DataOffset(); err != nil { // the local header agrees with the directory
			return nil, err
		}
		if !strings.HasSuffix(name, "/") {
			sizes[name] = int64(f.UncompressedSize64)
		}
	}
	if dir == "" {
		return nil, nil
	}
	return quickDiff(m, sizes, dir)
}

// quickDiff compares names and sizes.
func quickDiff(m module.Version, sizes map[string]int64, dir string) (*Diff, error) {
	var diff Diff
	found := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		size, ok := sizes[name]
		if !ok {
			if base, gomod := strings.CutSuffix(name, "go.mod"); m.Path != toolchainPath || !gomod || !has(sizes, base+"_go.mod") {
				diff.Extra = append(diff.Extra, name)
			}
			return nil
		}
		found++
		fi, err := d.Info()
		if err == nil && d.Type().IsRegular() && fi.Size() != size {
			diff.Changed = append(diff.Changed, name)
		}
		sizes[name] = -1
		return err
	})
	if found < len(sizes) {
		for name, size := range sizes {
			if size >= 0 {
				diff.Missing = append(diff.Missing, name)
			}
		}
		slices.Sort(diff.Missing)
	}
	return &diff, err
}

func has(sizes map[string]int64, name string) bool {
	_, ok := sizes[name]
	return ok
}
