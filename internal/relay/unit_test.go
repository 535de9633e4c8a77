package relay

import (
	"bytes"
	"errors"
	"io"
	"math/rand"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"golang.org/x/mod/module"
)

func TestParseItem(t *testing.T) {
	for _, tt := range []struct {
		path  string
		kind  kind
		mod   module.Version
		db    string
		exact bool
	}{
		{"example.com/%21hello/@v/v1.0.0.zip", kindZip, module.Version{Path: "example.com/Hello", Version: "v1.0.0"}, "", true},
		{"example.com/hello/@v/v1.0.0+incompatible.info", kindInfo, module.Version{Path: hello, Version: "v1.0.0+incompatible"}, "", true},
		{"example.com/hello/@v/v2.0.0+incompatible.mod", kindMod, module.Version{Path: hello, Version: "v2.0.0+incompatible"}, "", true},
		{"example.com/hello/@v/master.info", kindInfo, module.Version{Path: hello, Version: "master"}, "", false},
		{"example.com/hello/@v/list", kindList, module.Version{Path: hello}, "", false},
		{"example.com/hello/@latest", kindLatest, module.Version{Path: hello}, "", false},
		{"example.com/hello/@v/v1.0.0.exe", kindOther, module.Version{}, "", false},
		{"sumdb/sum.golang.org/supported", kindSupported, module.Version{}, "sum.golang.org", false},
		{"sumdb/sum.golang.org/lookup/example.com/%21hello@v1.0.0", kindLookup, module.Version{Path: "example.com/Hello", Version: "v1.0.0"}, "sum.golang.org", false},
		{"sumdb/example.com/db/tile/8/0/x001/234", kindTile, module.Version{}, "example.com/db", false},
		{"sumdb/sum.golang.org/latest", kindSumLatest, module.Version{}, "sum.golang.org", false},
		{"robots.txt", kindOther, module.Version{}, "", false},
		{"bad%zz", kindOther, module.Version{}, "", false},
	} {
		it := parseItem(tt.path)
		if it.kind != tt.kind || it.mod != tt.mod || it.db != tt.db || it.exact() != tt.exact {
			t.Errorf("%s: %+v exact=%v", tt.path, it, it.exact())
		}
	}
}

// FuzzParseItem: what is asked of an upstream is what go asked for, whatever
// it is, and a version's item leads back to the version.
func FuzzParseItem(f *testing.F) {
	f.Add("example.com/%21hello/@v/v1.0.0.zip")
	f.Add("sumdb/sum.golang.org/lookup/a.b/c@v1.0.0")
	f.Fuzz(func(t *testing.T, path string) {
		it := parseItem(path)
		if !it.exact() {
			return
		}
		again, ok := versionItem(it.mod, it.kind)
		if !ok || again.path != it.path {
			t.Errorf("%q: %+v, again %+v", path, it, again)
		}
	})
}

func TestJoin(t *testing.T) {
	for _, tt := range []struct{ base, path, want string }{
		{"https://proxy.example", "example.com/%21hello/@v/list", "https://proxy.example/example.com/%21hello/@v/list"},
		{"https://proxy.example/a/", "example.com/hello/@v/list", "https://proxy.example/a/example.com/hello/@v/list"},
		{"https://proxy.example/a//b", "example.com/hello/@v/list", "https://proxy.example/a/b/example.com/hello/@v/list"},
		{"https://u:p@proxy.example/?q=1", "example.com/hello/@v/list", "https://u:p@proxy.example/example.com/hello/@v/list?q=1"},
		{"https://proxy.example/a//b", "sumdb/sum.golang.org/supported", "https://proxy.example/a//b/sumdb/sum.golang.org/supported"},
	} {
		base, err := url.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		if got := join(base, parseItem(tt.path)).String(); got != tt.want {
			t.Errorf("%s + %s = %s, want %s", tt.base, tt.path, got, tt.want)
		}
	}
}

func TestSpool(t *testing.T) {
	data := make([]byte, 3*spoolEach)
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
			d := &depot{dir: tt.dir}
			s := d.new()
			s.Write([]byte("begun anew"))
			if err := s.reset(); err != nil {
				t.Fatal(err)
			}
			s.expect(int64(tt.size))
			if _, err := io.Copy(s, iotest.HalfReader(bytes.NewReader(data[:tt.size]))); err != nil {
				t.Fatal(err)
			}
			if (s.file != nil) != tt.file || s.size != int64(tt.size) {
				t.Errorf("file %v, size %d", s.file != nil, s.size)
			}
			if all, err := io.ReadAll(s.reader()); err != nil || !bytes.Equal(all, data[:tt.size]) {
				t.Errorf("read %d bytes: %v", len(all), err)
			}
			s.close()
			if used := d.used.Load(); used != 0 {
				t.Errorf("%d bytes still accounted for", used)
			}
		})
	}
}

// TestSpoolDiskFull: a file that cannot grow any more goes back to memory.
func TestSpoolDiskFull(t *testing.T) {
	d := &depot{}
	s := d.new()
	s.Write(make([]byte, spoolEach+1))
	readOnly, err := os.Open(s.file.Name())
	if err != nil { // it has no name any more: reopen what it is through a copy
		name := writeFile(t, filepath.Join(t.TempDir(), "copy"), string(s.bytes()))
		if readOnly, err = os.Open(name); err != nil {
			t.Fatal(err)
		}
	}
	s.file.Close()
	s.file = readOnly
	if _, err := s.Write([]byte("more")); err != nil {
		t.Fatal(err)
	}
	if s.file != nil || s.size != spoolEach+5 || !bytes.HasSuffix(s.bytes(), []byte("\x00more")) {
		t.Errorf("size %d", s.size)
	}
	s.close()
}

func TestStartRefuses(t *testing.T) {
	for _, list := range []string{"direct", "off", "file:///x", "http://u:p@proxy.example", "ftp://x", ",", "localhost"} {
		if b, err := tryOpen(t, list); !errors.Is(err, ErrNothingToRelay) {
			t.Errorf("%q: %v %v", list, b, err)
		}
	}
}
