package modcache

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/robust"
)

// repairInPlace makes the extracted directory equal to the zip, file by file, since
// those who read it take no lock.
func (r *repair) repairInPlace() {
	z, err := openZip(r.place.Version, r.file(Zip))
	if err != nil {
		r.fail("opening the zip", err)
		return
	}
	defer z.Close()
	diff, err := r.difference(z)
	if err != nil || diff.Empty() {
		if err != nil {
			r.fail("comparing the directory with the zip", err)
		}
		return
	}
	if err := r.keepEdits(z, diff); err != nil {
		r.fail("keeping a copy of what was changed", err)
		return
	}
	r.dropIndex()
	if err := r.mark(); err != nil {
		r.fail("repairing the directory", err)
		return
	}
	r.dropIndex() // one that a go command made between the first time and the mark
	if err := r.replaceFiles(z, diff); err != nil {
		r.fail("repairing the directory", err) // the mark stays: go extracts it anew
		return
	}
	r.dropIndex() // one that a go command made that had begun before the mark
	r.at("unpartial")
	if err := robust.Remove(r.file(Partial)); err != nil {
		r.fail("removing the mark of a partial extraction", err)
		return
	}
	r.did("directory repaired: " + diff.String())
}

// difference is what look has found under the lock, unless the zip was replaced since.
func (r *repair) difference(z *zipReader) (Diff, error) {
	if f := &r.facts; f.dirDiff != nil && f.zipSum == f.hashed {
		return *f.dirDiff, nil
	}
	r.hashes(r.file(Zip))
	compare := &comparison{place: r.place, zip: z}
	sum, err := compare.fully()
	if err == nil && sum != r.facts.hashed {
		err = errors.New("the zip changed meanwhile")
	}
	return compare.diff, err
}

// replaceFiles makes the changes of a diff, and checks the result: by names and sizes, as
// what was written was checked on the way, and the rest is as it was compared under the
// lock.
func (r *repair) replaceFiles(z *zipReader, diff Diff) (err error) {
	// The go command removes leftovers of such a name before it extracts
	// (modfetch.unzip).
	stage, err := os.MkdirTemp(filepath.Dir(r.dir), filepath.Base(r.dir)+".tmp-")
	if err != nil {
		return err
	}
	t := &tree{root: r.dir, stage: stage, writable: r.Writable, at: r.at}
	defer func() {
		r.at("modes")
		err = errors.Join(err, t.close())
	}()
	for _, name := range diff.Extra {
		if err := t.remove(name); err != nil {
			return err
		}
	}
	wrong := make(map[string]bool)
	for _, name := range slices.Concat(diff.Missing, diff.Changed) {
		wrong[name] = true
	}
	for name, f := range z.files() {
		if !wrong[name] {
			continue
		}
		if err := t.put(name, f, r.execMode(name)); err != nil {
			return err
		}
	}
	left := &comparison{place: r.place, zip: z}
	if err := left.quickly(); err != nil || !left.diff.Empty() {
		return errors.Join(errors.New("the directory still differs from its zip"), err)
	}
	return nil
}

// execMode is the permission that a new file needs beyond reading: cmd/go
// makes a toolchain's commands executable on first use, and only then
// (toolchain.Select).
func (r *repair) execMode(name string) fs.FileMode {
	if r.Path == toolchainPath && (strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/")) {
		return 0o111
	}
	return 0
}

// A tree changes single files of a directory whose folders may be read-only.
type tree struct {
	root     string
	stage    string // folder beside it, on the same file system
	writable bool   // new folders stay writable
	at       func(string)

	opened []opened
	count  int
}

type opened struct {
	dir  string
	mode fs.FileMode // to go back to
}

func (t *tree) path(name string) string { return filepath.Join(t.root, filepath.FromSlash(name)) }

func (t *tree) staged() string {
	t.count++
	return filepath.Join(t.stage, strconv.Itoa(t.count))
}

// remove moves a file out of the tree; it goes with the staging folder.
func (t *tree) remove(name string) error {
	if err := t.open(filepath.Dir(t.path(name))); err != nil {
		return err
	}
	t.at("extra")
	return robust.Rename(t.path(name), t.staged())
}

// put writes a file of the zip beside the tree and renames it over.
func (t *tree) put(name string, f *zip.File, mode fs.FileMode) error {
	dst := t.path(name)
	if err := t.folder(filepath.Dir(dst)); err != nil {
		return err
	}
	if fi, err := os.Lstat(dst); err == nil && fi.IsDir() {
		if err := robust.Rename(dst, t.staged()); err != nil {
			return err
		}
	} else if err == nil {
		mode |= fi.Mode() & 0o111
	}
	staged := t.staged()
	if err := writeFile(staged, f, 0o444|mode); err != nil {
		return err
	}
	t.at("file")
	return replace(staged, dst)
}

// writeFile extracts with the mode that modzip.Unzip gives, under the umask.
func writeFile(name string, f *zip.File, mode fs.FileMode) error {
	w, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	r, err := f.Open()
	if err == nil {
		_, err = io.Copy(w, r) // the reader checks length and CRC
		r.Close()
	}
	return errors.Join(err, w.Close())
}

// folder makes sure that a folder exists and can be written to.
func (t *tree) folder(dir string) error {
	if fi, err := os.Stat(dir); err == nil && fi.IsDir() {
		return t.open(dir)
	}
	if dir == t.root {
		return errors.New("the directory is gone")
	}
	if err := t.folder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return err
	}
	mode := fi.Mode()
	if !t.writable && t.opened[0].mode&0o222 == 0 { // as the rest of the tree
		mode &^= 0o222
	}
	t.opened = append(t.opened, opened{dir, mode})
	return nil
}

// open makes a folder writable until close. The first one opened is the root,
// whose mode says how the tree was extracted.
func (t *tree) open(dir string) error {
	if len(t.opened) == 0 && dir != t.root {
		if err := t.open(t.root); err != nil {
			return err
		}
	}
	for _, o := range t.opened {
		if o.dir == dir {
			return nil
		}
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return err
	}
	t.opened = append(t.opened, opened{dir, fi.Mode()})
	if fi.Mode()&0o200 != 0 {
		return nil
	}
	return os.Chmod(dir, fi.Mode()|0o700)
}

// close gives the folders their permissions back, the last opened first, and
// removes the staging folder.
func (t *tree) close() error {
	for _, o := range slices.Backward(t.opened) {
		os.Chmod(o.dir, o.mode) // gone with an extra folder, or not ours: go accepts any mode
	}
	return removeAll(t.stage)
}
