package modcache

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gosteady/gosteady/internal/repofile"
)

// A Diff is how an extracted directory differs from its zip. Names are
// relative to the module's root, with slashes.
type Diff struct {
	Missing, Changed, Extra []string
}

// Empty reports whether there is no difference.
func (d Diff) Empty() bool { return len(d.Missing)+len(d.Changed)+len(d.Extra) == 0 }

func (d Diff) String() string {
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{{"missing", d.Missing}, {"changed", d.Changed}, {"extra", d.Extra}} {
		switch n := len(p.names); {
		case n == 1:
			parts = append(parts, p.what+" "+p.names[0])
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d files %s", n, p.what))
		}
	}
	return strings.Join(parts, ", ")
}

// A comparison of the extracted directory with its zip.
type comparison struct {
	place
	zip  *zipReader
	diff Diff
}

// quickly compares names and sizes.
func (c *comparison) quickly() error {
	for name, f := range c.zip.files() {
		switch fi, err := os.Stat(c.path(name)); {
		case isMissing(err), err == nil && !fi.Mode().IsRegular():
			c.diff.Missing = append(c.diff.Missing, name)
		case err != nil:
			return err
		case uint64(fi.Size()) != f.UncompressedSize64:
			c.diff.Changed = append(c.diff.Changed, name)
		}
	}
	return c.extra()
}

// fully compares every byte, and hashes the zip in the same pass: comparing bytes is
// cheaper than hashing them a second time.
func (c *comparison) fully() (sum string, err error) {
	sum, err = c.zip.pass(context.Background(), func(f *zip.File) (io.WriteCloser, error) {
		name, ok := c.zip.name(f)
		if !ok {
			return nil, nil
		}
		return c.twin(name)
	})
	if err != nil {
		return "", err
	}
	return sum, c.extra()
}

// extra lists the files of the directory that the zip does not have. Empty directories
// do not count, as they do not count for dirhash.
func (c *comparison) extra() error {
	has := make(map[string]bool, len(c.zip.File))
	for name := range c.zip.files() {
		has[name] = true
	}
	return walkFiles(c.dir, func(rel string) {
		if !has[rel] && !c.ownChange(rel, has) {
			c.diff.Extra = append(c.diff.Extra, rel)
		}
	})
}

// A twin is an extracted file that is compared with the file of the zip, which is
// written to it.
type twin struct {
	*os.File
	name   string
	of     *comparison
	differ bool
}

// twin opens an extracted file. One that is missing is nil.
func (c *comparison) twin(name string) (io.WriteCloser, error) {
	f, _, err := repofile.Open(c.path(name))
	switch {
	case isMissing(err), errors.Is(err, repofile.ErrNotRegular):
		c.diff.Missing = append(c.diff.Missing, name)
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &twin{f, name, c, false}, nil
}

func (t *twin) Write(data []byte) (int, error) {
	if t.differ || len(data) == 0 {
		return len(data), nil
	}
	buf := buffers.Get().(*[64 << 10]byte)
	defer buffers.Put(buf)
	n, _ := io.ReadFull(t.File, buf[:len(data)])
	t.differ = !bytes.Equal(data, buf[:n])
	return len(data), nil
}

// Close notes the result.
func (t *twin) Close() error {
	var more [1]byte
	if n, _ := t.Read(more[:]); n > 0 {
		t.differ = true
	}
	if t.differ {
		t.of.diff.Changed = append(t.of.diff.Changed, t.name)
	}
	return t.File.Close()
}
