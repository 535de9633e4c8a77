package modcache

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/module"

	"github.com/gosteady/gosteady/internal/modhash"
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

// zipPrefix is what the names of all files in a version's zip begin with.
func zipPrefix(m module.Version) string { return m.Path + "@" + m.Version + "/" }

// filesOf yields the files of a version's zip by their names in the module, and
// passes over what is not of that version.
func filesOf(z *zip.ReadCloser, m module.Version) iter.Seq2[string, *zip.File] {
	prefix := zipPrefix(m)
	return func(yield func(string, *zip.File) bool) {
		for _, f := range z.File {
			name, ok := strings.CutPrefix(f.Name, prefix)
			if ok && !strings.HasSuffix(name, "/") && !yield(name, f) {
				return
			}
		}
	}
}

// A zipScan is what one pass over a zip yields.
type zipScan struct {
	sum    string // "h1:…"
	gomod  []byte // nil: the zip has none
	diff   Diff   // against the directory, where one was given
	newest time.Time
}

// scanZip hashes a zip as dirhash does and, in the same pass, compares it with
// the extracted directory, if dir is not "": comparing bytes is cheaper than
// hashing them a second time.
func scanZip(m module.Version, file, dir string) (*zipScan, error) {
	z, err := zip.OpenReader(file)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	s := &zipPass{prefix: zipPrefix(m), dir: dir, has: make(map[string]bool, len(z.File))}
	if s.sum, err = modhash.Zip(&z.Reader, s.open); err != nil {
		return nil, err
	}
	if dir != "" {
		s.diff.Extra, err = s.extra(m.Path == toolchainPath)
	}
	return &s.zipScan, err
}

type zipPass struct {
	zipScan
	prefix string
	dir    string
	has    map[string]bool // the names that were hashed
}

// open is called for one file after another.
func (s *zipPass) open(f *zip.File) (io.ReadCloser, error) {
	name := f.Name
	s.has[name] = true
	content, err := f.Open()
	if err != nil {
		return nil, err
	}
	rel, ok := strings.CutPrefix(name, s.prefix)
	t := &twin{ReadCloser: content, scan: s, name: rel}
	if rel == "go.mod" && ok {
		t.keep = new(bytes.Buffer)
	}
	if s.dir == "" || !ok || strings.HasSuffix(name, "/") || !filepath.IsLocal(filepath.FromSlash(rel)) {
		return t, nil
	}
	if err := t.openOther(filepath.Join(s.dir, filepath.FromSlash(rel))); err != nil {
		content.Close()
		return nil, err
	}
	return t, nil
}

// extra lists the files of the directory that the zip does not have. Empty
// directories do not count, as they do not count for dirhash.
func (s *zipPass) extra(toolchain bool) ([]string, error) {
	var list []string
	err := walkFiles(s.dir, func(rel string) {
		if !s.has[s.prefix+rel] && !(toolchain && s.ownChange(rel)) {
			list = append(list, rel)
		}
	}, s.seen)
	return list, err
}

// ownChange reports whether a file was put into a toolchain by cmd/go: a zip
// cannot carry a nested go.mod, so that toolchain.Select copies it there from
// _go.mod.
func (s *zipPass) ownChange(rel string) bool {
	base, ok := strings.CutSuffix(rel, "go.mod")
	return ok && s.has[s.prefix+base+"_go.mod"]
}

func (s *zipPass) seen(changed time.Time) {
	if changed.After(s.newest) {
		s.newest = changed
	}
}

// A twin reads a file of a zip and compares it with the extracted file on the
// way.
type twin struct {
	io.ReadCloser
	scan   *zipPass
	name   string
	other  *os.File      // nil: nothing to compare with
	differ bool          // found to be different
	keep   *bytes.Buffer // nil unless the content is wanted
}

func (t *twin) openOther(path string) error {
	f, fi, err := repofile.Open(path)
	switch {
	case isMissing(err), errors.Is(err, repofile.ErrNotRegular):
		t.scan.diff.Missing = append(t.scan.diff.Missing, t.name)
		return nil
	case err != nil:
		return err
	}
	t.scan.seen(fi.ModTime())
	t.other = f
	return nil
}

// buffers are pairs: one for each side of a comparison.
var buffers = sync.Pool{New: func() any { return new([2][64 << 10]byte) }}

// WriteTo saves io.Copy from allocating a buffer for each of many small files.
func (t *twin) WriteTo(w io.Writer) (n int64, err error) {
	buf := buffers.Get().(*[2][64 << 10]byte)
	defer buffers.Put(buf)
	for {
		r, err := t.ReadCloser.Read(buf[0][:])
		t.compare(buf[0][:r], buf[1][:r])
		if t.keep != nil {
			t.keep.Write(buf[0][:r])
		}
		if _, err := w.Write(buf[0][:r]); err != nil {
			return n, err
		}
		n += int64(r)
		if err == io.EOF {
			return n, t.end(buf[1][:1])
		} else if err != nil {
			return n, err
		}
	}
}

func (t *twin) compare(data, buf []byte) {
	if t.other == nil || t.differ || len(data) == 0 {
		return
	}
	n, _ := io.ReadFull(t.other, buf)
	t.differ = !bytes.Equal(data, buf[:n])
}

// end notes the result once the zip's side has ended.
func (t *twin) end(buf []byte) error {
	if t.keep != nil {
		t.scan.gomod = append([]byte{}, t.keep.Bytes()...)
	}
	if t.other == nil {
		return nil
	}
	if n, _ := t.other.Read(buf); n > 0 {
		t.differ = true
	}
	if t.differ {
		t.scan.diff.Changed = append(t.scan.diff.Changed, t.name)
	}
	return nil
}

func (t *twin) Close() error {
	if t.other != nil {
		t.other.Close()
	}
	return t.ReadCloser.Close()
}
