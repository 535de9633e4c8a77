package modhash

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/dirhash"
)

func makeZip(t testing.TB, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if _, err := f.Write([]byte("content of " + name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// dirhash of the same bytes in a file.
func hashFile(t testing.TB, data []byte) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(file, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return dirhash.HashZip(file, dirhash.Hash1)
}

func TestZip(t *testing.T) {
	for _, names := range [][]string{nil, {"m@v1/b.go", "m@v1/a.go"}, {"twice", "twice"}, {"m@v1/folder/"}, {"a\nb"}} {
		data := makeZip(t, names...)
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		want, wantErr := hashFile(t, data)
		got, err := Zip(z, nil)
		if got != want || (err == nil) != (wantErr == nil) {
			t.Errorf("Zip(%q) = %q, %v; want %q, %v", names, got, err, want, wantErr)
		}
	}
}

// A file that is longer than announced ends at an error, not in memory.
func TestZipBounded(t *testing.T) {
	data := makeZip(t, "a")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	z.File[0].UncompressedSize64 = 3
	if _, err := Zip(z, nil); !errors.Is(err, zip.ErrFormat) {
		t.Errorf("a file longer than announced: %v", err)
	}
}

func TestZipOpen(t *testing.T) {
	data := makeZip(t, "b", "a")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var opened string
	got, err := Zip(z, func(f *zip.File) (io.ReadCloser, error) { opened += f.Name; return f.Open() })
	if want, _ := hashFile(t, data); got != want || err != nil || opened != "ab" {
		t.Errorf("Zip = %q, %v, opened %q; want %q", got, err, opened, want)
	}
	stop := errors.New("stop")
	if _, err := Zip(z, func(*zip.File) (io.ReadCloser, error) { return nil, stop }); !errors.Is(err, stop) {
		t.Errorf("what open fails with: %v", err)
	}
}

func TestGoMod(t *testing.T) {
	// As go.sum has it for a module without a go.mod: modfetch.emptyGoModHash.
	if got := GoMod(nil); got != "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=" {
		t.Errorf("GoMod(nil) = %s", got)
	}
}
