package spool

import (
	"bytes"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

func whole(b *Body) []byte {
	data, _ := io.ReadAll(b.Reader())
	return data
}

func TestBody(t *testing.T) {
	data := make([]byte, 3*memoryEach)
	rand.New(rand.NewSource(1)).Read(data)
	missing := filepath.Join(t.TempDir(), "missing")
	for _, tt := range []struct {
		name string
		dir  string
		size int
		file bool
	}{
		{"small", "", 1000, false},
		{"large", "", len(data), true},
		{"large without a place for files", missing, len(data), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := &Pool{Dir: tt.dir}
			s := d.New()
			s.Write([]byte("begun anew"))
			if err := s.Reset(); err != nil {
				t.Fatal(err)
			}
			s.Expect(int64(tt.size))
			if _, err := io.Copy(s, iotest.HalfReader(bytes.NewReader(data[:tt.size]))); err != nil {
				t.Fatal(err)
			}
			if (s.file != nil) != tt.file || s.size != int64(tt.size) {
				t.Errorf("file %v, size %d", s.file != nil, s.size)
			}
			if all, err := io.ReadAll(s.Reader()); err != nil || !bytes.Equal(all, data[:tt.size]) {
				t.Errorf("read %d bytes: %v", len(all), err)
			}
			s.Close()
			if used := d.Used(); used != 0 {
				t.Errorf("%d bytes still accounted for", used)
			}
		})
	}
}

// TestDiskFull: a file that cannot grow any more goes back to memory.
func TestDiskFull(t *testing.T) {
	d := &Pool{}
	s := d.New()
	s.Write(make([]byte, memoryEach+1))
	readOnly, err := os.Open(s.file.Name())
	if err != nil { // it has no name any more: reopen what it is through a copy
		name := filepath.Join(t.TempDir(), "copy")
		if err := os.WriteFile(name, whole(s), 0o666); err != nil {
			t.Fatal(err)
		}
		if readOnly, err = os.Open(name); err != nil {
			t.Fatal(err)
		}
	}
	s.file.Close()
	s.file = readOnly
	if _, err := s.Write([]byte("more")); err != nil {
		t.Fatal(err)
	}
	if s.file != nil || s.size != memoryEach+5 || !bytes.HasSuffix(whole(s), []byte("\x00more")) {
		t.Errorf("size %d", s.size)
	}
	s.Close()
}
