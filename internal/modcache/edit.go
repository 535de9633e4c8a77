package modcache

import (
	"archive/zip"
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/gosteady/gosteady/internal/repofile"
)

// People change files of the module cache to try something, and plain go builds
// what they wrote. Such a file is not as published, but no damage either, as long
// as nothing fails of it. [Cache.Gaps] tells it apart, and where it is mended
// because a command has failed, a copy is kept of it.

// maxEdit bounds the files that can be somebody's work. Larger ones are generated.
const maxEdit = 1 << 20

// isEdit reports whether a file that should read original looks like somebody's
// work: text, and not just the beginning of what it should be.
func isEdit(now, original []byte) bool {
	return len(now) > 0 && len(now) <= maxEdit && !bytes.HasPrefix(original, now) &&
		utf8.Valid(now) && bytes.IndexByte(now, 0) < 0
}

// mayBuild reports whether an edit may well compile: a Go file is complete, and
// of the package that it was of.
func mayBuild(name string, now, original []byte) bool {
	if path.Ext(name) != ".go" {
		return true
	}
	is, err := parser.ParseFile(token.NewFileSet(), name, now, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	was, err := parser.ParseFile(token.NewFileSet(), name, original, parser.PackageClauseOnly)
	return err == nil && is.Name.Name == was.Name.Name
}

// compare says what an extracted file is, the size or time of which is not as it
// should be: right all the same, an edit that may well compile, or neither.
func compare(file, name string, f *zip.File) fit {
	original, err := readOriginal(f)
	if err != nil {
		return gap
	}
	now, err := readSmall(file)
	switch {
	case err != nil:
		return gap
	case bytes.Equal(now, original):
		return whole
	case isEdit(now, original) && mayBuild(name, now, original):
		return edited
	}
	return gap
}

var errNoEdit = errors.New("cannot be somebody's work")

func readOriginal(f *zip.File) ([]byte, error) {
	if f.UncompressedSize64 > maxEdit {
		return nil, errNoEdit
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func readSmall(file string) ([]byte, error) {
	if fi, err := os.Lstat(file); err != nil || !fi.Mode().IsRegular() || fi.Size() > maxEdit {
		return nil, errNoEdit
	}
	return repofile.Read(file, repofile.MaxMod)
}

// keepEdits copies what looks like somebody's work, of the files that are about
// to be replaced or moved out, below Cache.Kept.
func (r *repair) keepEdits(diff Diff) error {
	names := slices.DeleteFunc(slices.Concat(diff.Changed, diff.Extra), func(name string) bool {
		return !filepath.IsLocal(filepath.FromSlash(name))
	})
	if r.Kept == "" || len(names) == 0 {
		return nil
	}
	z, err := zip.OpenReader(r.file(Zip))
	if err != nil {
		return err
	}
	defer z.Close()
	originals := maps.Collect(filesOf(z, r.place.Version))
	for _, name := range names {
		var original []byte
		if f := originals[name]; f != nil {
			if original, err = readOriginal(f); err != nil {
				continue
			}
		}
		if now, err := readSmall(filepath.Join(r.dir, filepath.FromSlash(name))); err == nil && isEdit(now, original) {
			if err := r.keep(name, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *repair) keep(name string, text []byte) error {
	rel, err := filepath.Rel(r.Dir, r.dir)
	if err != nil {
		return err
	}
	root := filepath.Join(r.Kept, rel)
	file := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	r.kept = root
	return nil
}
