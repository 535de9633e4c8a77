package modcache

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modhash"
)

// A zipReader is the zip of a version, open. All that this package wants of a zip goes
// through it: the names, one file, or one pass over everything.
type zipReader struct {
	*zip.ReadCloser
	prefix string // what the names of all files begin with
}

func openZip(m module.Version, file string) (*zipReader, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	return &zipReader{z, zipPrefix(m)}, nil
}

func zipPrefix(m module.Version) string { return m.Path + "@" + m.Version + "/" }

// name is a file's name in the module. It is false for what is no file of this version,
// or would lie outside it.
func (z *zipReader) name(f *zip.File) (name string, ok bool) {
	name, ok = strings.CutPrefix(f.Name, z.prefix)
	return name, ok && !strings.HasSuffix(name, "/") && filepath.IsLocal(filepath.FromSlash(name))
}

// files yields the files by their names in the module.
func (z *zipReader) files() iter.Seq2[string, *zip.File] {
	return func(yield func(string, *zip.File) bool) {
		for _, f := range z.File {
			if name, ok := z.name(f); ok && !yield(name, f) {
				return
			}
		}
	}
}

// headers looks at what takes no decompression: is this a zip of this version, with
// room for all its files?
func (z *zipReader) headers() error {
	if len(z.File) == 0 {
		return errors.New("an empty zip")
	}
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, z.prefix) {
			return fmt.Errorf("has %s, which is not of this version", f.Name)
		}
		if _, err := f.DataOffset(); err != nil { // the local header agrees with the directory
			return err
		}
	}
	return nil
}

// pass inflates every file once, in the order in which go.sum hashes them, and returns
// the hash. A file's content goes to what also returns for it as well, which may be nil.
func (z *zipReader) pass(ctx context.Context, also func(f *zip.File) (io.WriteCloser, error)) (sum string, err error) {
	return modhash.Zip(&z.Reader, func(f *zip.File) (io.ReadCloser, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		second, err := also(f)
		if err != nil {
			return nil, err
		}
		content, err := f.Open()
		if err != nil {
			return nil, errors.Join(err, closeIf(second))
		}
		return &tee{content, f, second}, nil
	})
}

// nobody is who also gets the content of a file where only the hash is wanted.
func nobody(*zip.File) (io.WriteCloser, error) { return nil, nil }

// read returns the content of a file by its name in the module, nil if there is none.
func (z *zipReader) read(name string) ([]byte, error) {
	for other, f := range z.files() {
		if other == name {
			return readFile(f)
		}
	}
	return nil, nil
}

// readFile returns the content of one file.
func readFile(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// A tee is a file of a zip that is read for two.
type tee struct {
	io.ReadCloser
	file   *zip.File
	second io.WriteCloser // nil: nobody, or closed
}

// buffers saves allocating one for each of many small files.
var buffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// WriteTo is what io.Copy in dirhash calls. A file that is longer than announced is an error, as for zip.Unzip.
func (t *tee) WriteTo(hash io.Writer) (n int64, err error) {
	buf := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buf)
	for {
		r, readErr := t.Read(buf[:])
		if n += int64(r); n > int64(t.file.UncompressedSize64) {
			return n, fmt.Errorf("uncompressed size of file %s is larger than declared size (%d bytes)", t.file.Name, t.file.UncompressedSize64)
		}
		hash.Write(buf[:r]) // a hash never fails
		if t.second != nil {
			if _, err := t.second.Write(buf[:r]); err != nil {
				return n, err
			}
		}
		if readErr == io.EOF {
			return n, t.end()
		} else if readErr != nil {
			return n, readErr
		}
	}
}

// end closes the other side, which may report only now that a disk is full.
func (t *tee) end() error {
	second := t.second
	t.second = nil
	return closeIf(second)
}

// Close implements io.Closer, also for what was not read to its end.
func (t *tee) Close() error { return errors.Join(t.end(), t.ReadCloser.Close()) }

func closeIf(c io.Closer) error {
	if c == nil {
		return nil
	}
	return c.Close()
}
