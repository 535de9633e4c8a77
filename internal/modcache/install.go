package modcache

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"

	"github.com/gosteady/gosteady/internal/robust"
)

// Reasons for which Install leaves a version to go.
var (
	// ErrThere: the cache has something of the version, if only what a
	// download left that was killed.
	ErrThere = errors.New("the module cache has files of this version")
	// ErrSum: the zip is not the one that go.sum names.
	ErrSum = errors.New("the zip does not match go.sum")
)

// Install puts a module version into the cache, exactly as go mod download
// leaves it: .zip, .ziphash and the extracted directory, under the lock that
// cmd/go takes for that version, with the same temporary names and the same
// .partial mark, so that a process that dies here leaves what go knows to clear
// away. The .info and .mod files are left to go.
//
// Every file is inflated once: what is extracted is hashed on the way, where go
// inflates a zip once to hash it and once to extract it. So the directory is
// written before the hash is known. Nobody reads it: until the hash has turned
// out to be the one of sums, the .partial mark stands, and where it is not,
// everything is removed again. Where go.sum names several, go goes by their order
// and by the file that each is from: that is left to go.
func (c *Cache) Install(ctx context.Context, m module.Version, content io.Reader, sums []string) error {
	p, err := c.place(m)
	if err != nil {
		return err
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if p.begun() {
		return ErrThere
	}
	if len(sums) != 1 {
		return fmt.Errorf("%w, which names %d", ErrSum, len(sums))
	}
	staged, err := p.stage(func(w io.Writer) error { _, err := io.Copy(w, content); return err })
	if err != nil {
		return err
	}
	if err := c.extract(ctx, p, staged, sums[0]); err != nil {
		robust.Remove(staged)
		return err
	}
	return nil
}

// begun reports whether there is anything of the version's zip.
func (p place) begun() bool {
	for _, file := range []string{p.file(Zip), p.file(ZipHash), p.file(Partial), p.dir} {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	left, err := os.ReadDir(p.download)
	return err != nil || slices.ContainsFunc(left, func(e fs.DirEntry) bool {
		return strings.HasPrefix(e.Name(), p.version+".zip")
	})
}

// extract is modfetch.downloadZip and unzip in one, from a staged zip on.
func (c *Cache) extract(ctx context.Context, p place, staged, want string) (err error) {
	if err := os.MkdirAll(filepath.Dir(p.dir), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(p.file(Partial), nil, 0o666); err != nil {
		return err
	}
	c.at("partial")
	sum, err := unpack(ctx, p, staged)
	if err == nil && sum != want {
		err = fmt.Errorf("%w: %s", ErrSum, sum)
	}
	if err == nil {
		c.at("extracted")
		err = os.WriteFile(p.file(ZipHash), []byte(sum), 0o666)
	}
	if err == nil {
		c.at("hashed")
		err = robust.Rename(staged, p.file(Zip))
	}
	if err != nil {
		robust.Remove(p.file(ZipHash))
		if removeAll(p.dir) == nil {
			robust.Remove(p.file(Partial))
		}
		return err
	}
	c.at("placed")
	if err := robust.Remove(p.file(Partial)); err != nil {
		return err
	}
	if !c.Writable {
		makeReadOnly(p.dir)
	}
	return nil
}

// unpack is zip.Unzip that hashes on the way, as dirhash.HashZip does.
func unpack(ctx context.Context, p place, file string) (sum string, err error) {
	if err := checkZip(p.Version, file); err != nil {
		return "", err
	}
	z, err := openZip(p.Version, file)
	if err != nil {
		return "", err
	}
	defer z.Close()
	if err := os.MkdirAll(p.dir, 0o777); err != nil {
		return "", err
	}
	return z.pass(ctx, func(f *zip.File) (io.WriteCloser, error) {
		name, ok := z.name(f)
		if !ok { // a directory, which zips of modules may name
			return nil, nil
		}
		return create(p.path(name))
	})
}

// checkZip is what go itself asks of a zip before it extracts it.
func checkZip(m module.Version, file string) error {
	checked, err := modzip.CheckZip(m, file)
	if err == nil {
		err = checked.Err()
	}
	var all modzip.FileErrorList
	if errors.As(err, &all) && len(all) > 1 {
		err = all[0] // there may be as many as a zip has files
	}
	return err
}

// create makes an extracted file, with the mode that zip.Unzip gives.
func create(name string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return nil, err // not f, which is a nil that is no nil
	}
	return f, nil
}
