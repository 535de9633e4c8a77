package modproxy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
)

// manyFiles is a zip of n empty files, all of the same name, without their contents.
func manyFiles(n int, name string) []byte {
	entry := make([]byte, 46, 46+len(name))
	copy(entry, signature)
	binary.LittleEndian.PutUint16(entry[28:], uint16(len(name)))
	entry = append(entry, name...)
	data := bytes.Repeat(entry, n)
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], uint16(n)) // all that archive/zip compares
	binary.LittleEndian.PutUint16(end[10:], uint16(n))
	binary.LittleEndian.PutUint32(end[12:], uint32(len(data)))
	return append(data, end...)
}

// TestOpenZip: a directory is not read for longer than one of the largest modules has.
func TestOpenZip(t *testing.T) {
	for n, want := range map[int]error{1: nil, 1000: nil, 30_000: nil, 40_000: ErrDirectory, 456_000: ErrDirectory} {
		data := manyFiles(n, "example.com/hello@v1.0.0/a.go")
		z, err := OpenZip(bytes.NewReader(data), int64(len(data)))
		if !errors.Is(err, want) {
			t.Errorf("%d files: %v, want %v", n, err, want)
		}
		if err == nil && len(z.File) != n {
			t.Errorf("%d files of %d", len(z.File), n)
		}
	}
	long := manyFiles(15_000, string(bytes.Repeat([]byte("x"), 1000)))
	if _, err := OpenZip(bytes.NewReader(long), int64(len(long))); !errors.Is(err, ErrDirectory) {
		t.Errorf("long names: %v", err)
	}
	if _, err := OpenZip(bytes.NewReader(nil), 0); !errors.Is(err, zip.ErrFormat) {
		t.Errorf("nothing: %v", err)
	}
}

func TestCountEntries(t *testing.T) {
	for _, n := range []int{0, 1, 70_000} {
		for name := range 3 {
			data := manyFiles(n, "example.com/hello@v1.0.0/"+string(make([]byte, name)))
			if got := CountEntries(bytes.NewReader(data)); got != n {
				t.Errorf("%d of %d", got, n)
			}
		}
	}
}

// TestOpenZipReads: what is in a zip is read whatever it looks like.
func TestOpenZipReads(t *testing.T) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	content := bytes.Repeat(signature, maxEntries+1)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "a", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	f.Write(content)
	w.Close()
	z, err := OpenZip(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Skipf("its end looks like a directory: %v", err)
	}
	rc, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	got := new(bytes.Buffer)
	if _, err := got.ReadFrom(rc); err != nil || !bytes.Equal(got.Bytes(), content) {
		t.Errorf("%d bytes, %v", got.Len(), err)
	}
}

func FuzzOpenZip(f *testing.F) {
	f.Add(manyFiles(2, "example.com/a@v1.0.0/go.mod"))
	f.Fuzz(func(t *testing.T, data []byte) {
		z, err := OpenZip(bytes.NewReader(data), int64(len(data)))
		plain, plainErr := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if errors.Is(err, ErrDirectory) {
			return
		}
		if fmt.Sprint(err) != fmt.Sprint(plainErr) {
			t.Fatalf("%v, archive/zip says %v", err, plainErr)
		}
		if err == nil && len(z.File) != len(plain.File) {
			t.Fatalf("%d files, archive/zip finds %d", len(z.File), len(plain.File))
		}
	})
}
