package modcache

import (
	"archive/zip"
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/gosteady/gosteady/internal/repofile"
)

// People change files of the module cache to try something, and plain go builds
// what they wrote. Such a file is not as published, but no damage either, as long
// as nothing fails of it. [Cache.Gaps] tells it apart, and where it is repaired
// because a command has failed, a copy is kept of it.

// maxEdit bounds the files that can be somebody's work. Larger ones are generated.
const maxEdit = 1 << 20

// isEdit reports whether a file that should read original looks like somebody's
// work: text, and not just the beginning of what it should be.
func isEdit(now, original []byte) bool {
	return len(now) > 0 && len(now) <= maxEdit && !bytes.HasPrefix(original, now) &&
		utf8.Valid(now) && bytes.IndexByte(now, 0) < 0
}

// compare says what an extracted file is, the size or time of which is not as it
// should be: right all the same, perhaps an edit, or neither.
func compare(file string, f *zip.File) fit {
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
	case isEdit(now, original):
		return edited
	}
	return gap
}

var errNoEdit = errors.New("cannot be somebody's work")

func readOriginal(f *zip.File) ([]byte, error) {
	if f.UncompressedSize64 > maxEdit {
		return nil, errNoEdit
	}
	return readFile(f)
}

func readSmall(file string) ([]byte, error) {
	if fi, err := os.Lstat(file); err != nil || !fi.Mode().IsRegular() || fi.Size() > maxEdit {
		return nil, errNoEdit
	}
	return repofile.Read(file, repofile.MaxMod)
}

// keepEdits copies what looks like somebody's work, of the files that are about
// to be replaced or moved out, below Cache.Kept.
func (r *repair) keepEdits(z *zipReader, diff Diff) error {
	if r.Kept == "" {
		return nil
	}
	originals := maps.Collect(z.files())
	for _, name := range slices.Concat(diff.Changed, diff.Extra) {
		var original []byte
		if f := originals[name]; f != nil {
			var err error
			if original, err = readOriginal(f); err != nil {
				continue
			}
		}
		if now, err := readSmall(r.path(name)); err == nil && isEdit(now, original) {
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
