package modcache

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/dirhash"

	"github.com/gosteady/gosteady/internal/repofile"
)

// isMissing reports whether there is no such file, also because what should be
// a folder on the way is a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// walkFiles calls file for every file below dir, with slashes.
func walkFiles(dir string, file func(rel string)) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		file(filepath.ToSlash(rel))
		return nil
	})
}

// path is where a file of the module lies in the extracted directory.
func (p place) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

// ownChange reports whether a file was put into a toolchain by cmd/go: a zip
// cannot carry a nested go.mod, so that toolchain.Select copies it there from
// _go.mod.
func (p place) ownChange(name string, has map[string]bool) bool {
	base, ok := strings.CutSuffix(name, "go.mod")
	return ok && p.Path == toolchainPath && has[base+"_go.mod"]
}

// sumDir hashes an extracted directory as dirhash.HashDir does, but leaves out
// what cmd/go itself adds to a toolchain.
func sumDir(p place) (string, error) {
	prefix := zipPrefix(p.Version)
	has := make(map[string]bool)
	if err := walkFiles(p.dir, func(rel string) { has[rel] = true }); err != nil {
		return "", err
	}
	names := make([]string, 0, len(has))
	for rel := range has {
		if !p.ownChange(rel, has) {
			names = append(names, prefix+rel)
		}
	}
	return dirhash.Hash1(names, func(name string) (io.ReadCloser, error) {
		f, _, err := repofile.Open(p.path(strings.TrimPrefix(name, prefix)))
		if err != nil {
			return nil, err
		}
		return f, nil
	})
}
