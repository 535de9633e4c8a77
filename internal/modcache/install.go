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

	"github.com/gosteady/gosteady/internal/modhash"
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
	checked, err := modzip.CheckZip(p.Version, file)
	if err == nil {
		err = checked.Err()
	}
	var all modzip.FileErrorList
	if errors.As(err, &all) && len(all) > 1 {
		err = all[0] // there may be as many as a zip has files
	}
	if err != nil {
		return "", err
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		return "", err
	}
	defer z.Close()
	if err := os.MkdirAll(p.dir, 0o777); err != nil {
		return "", err
	}
	prefix := zipPrefix(p.Version)
	return modhash.Zip(&z.Reader, func(f *zip.File) (io.ReadCloser, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return newUnpacked(f, p.dir, strings.TrimPrefix(f.Name, prefix))
	})
}

// An unpacked is one file of a zip that is written as it is read.
type unpacked struct {
	io.ReadCloser
	zip  *zip.File
	file *os.File // nil for a directory, which zips of modules may name
	left int64
}

func newUnpacked(f *zip.File, dir, name string) (*unpacked, error) {
	u := &unpacked{zip: f, left: int64(f.UncompressedSize64)}
	if name != "" && !strings.HasSuffix(name, "/") {
		dst := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(dst), 0o777); err != nil {
			return nil, err
		}
		var err error
		if u.file, err = os.OpenFile(dst, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444); err != nil {
			return nil, err
		}
	}
	var err error
	if u.ReadCloser, err = f.Open(); err != nil {
		u.file.Close() // of nil: an error, and nothing else
		return nil, err
	}
	return u, nil
}

// WriteTo is what io.Copy in dirhash calls. A file that is longer than the zip
// announces is an error, as for zip.Unzip.
func (u *unpacked) WriteTo(hash io.Writer) (n int64, err error) {
	buf := buffers.Get().(*[2][64 << 10]byte)
	defer buffers.Put(buf)
	for {
		r, err := u.Read(buf[0][:])
		n += int64(r)
		if u.left -= int64(r); u.left < 0 {
			return n, fmt.Errorf("uncompressed size of file %s is larger than declared size (%d bytes)", u.zip.Name, u.zip.UncompressedSize64)
		}
		hash.Write(buf[0][:r]) // a hash never fails
		if u.file != nil {
			if _, err := u.file.Write(buf[0][:r]); err != nil {
				return n, err
			}
		}
		if err == io.EOF {
			return n, u.closeFile()
		} else if err != nil {
			return n, err
		}
	}
}

// closeFile reports an error that a full disk may show only now.
func (u *unpacked) closeFile() error {
	if u.file == nil {
		return nil
	}
	err := u.file.Close()
	u.file = nil
	return err
}

// Close implements io.Closer, also for what was not read to its end.
func (u *unpacked) Close() error {
	return errors.Join(u.closeFile(), u.ReadCloser.Close())
}
