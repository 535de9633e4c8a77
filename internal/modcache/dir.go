package modcache

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/dirhash"

	"github.com/gosteady/gosteady/internal/repofile"
)

// isMissing reports whether there is no such file, also because what should be
// a folder on the way is a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// walkFiles calls file for every file below dir, with slashes, and changed with
// the time of the last change of every folder.
func walkFiles(dir string, file func(rel string), changed func(time.Time)) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if fi, err := d.Info(); err == nil {
				changed(fi.ModTime())
			}
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		file(filepath.ToSlash(rel))
		return nil
	})
}

// sumDir hashes an extracted directory as dirhash.HashDir does, but leaves out
// what cmd/go itself adds to a toolchain.
func sumDir(p place) (string, error) {
	prefix := zipPrefix(p.Version)
	have := make(map[string]bool)
	if err := walkFiles(p.dir, func(rel string) { have[rel] = true }, func(time.Time) {}); err != nil {
		return "", err
	}
	names := make([]string, 0, len(have))
	for rel := range have {
		base, gomod := strings.CutSuffix(rel, "go.mod")
		if p.Path == toolchainPath && gomod && have[base+"_go.mod"] {
			continue
		}
		names = append(names, prefix+rel)
	}
	return dirhash.Hash1(names, func(name string) (io.ReadCloser, error) {
		f, _, err := repofile.Open(filepath.Join(p.dir, filepath.FromSlash(name[len(prefix):])))
		if err != nil {
			return nil, err
		}
		return f, nil
	})
}
