package faultproxy

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gosteady/gosteady/internal/modhash"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	modzip "golang.org/x/mod/zip"
)

// released is when every module of a Store was published: long ago, so that no
// rule about fresh releases applies.
var released = time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)

// A Store is a set of module versions in memory, served as a module proxy would:
// list, @latest, .info, .mod and .zip, ranges included, with strong entity tags.
// With SumDB it also serves a checksum database that knows them all.
type Store struct {
	NoRange bool // neither entity tags nor ranges, as a plain file server behind a CDN may do
	NoList  bool // 404 for lists, as proxies that cannot list

	mu      sync.Mutex
	modules map[module.Version]*stored
	sumdb   *SumDB
}

// stored is what the proxy serves for one version.
type stored struct {
	info, mod, zip []byte
}

// NewStore makes an empty one.
func NewStore() *Store {
	return &Store{modules: map[module.Version]*stored{}}
}

// Add publishes a version with these files. A go.mod that only names the module is
// made if there is none.
func (s *Store) Add(modPath, version string, files map[string]string) error {
	m := module.Version{Path: modPath, Version: version}
	mod, ok := files["go.mod"]
	if !ok {
		mod = fmt.Sprintf("module %s\n\ngo 1.21\n", modPath)
	}
	list := []modzip.File{memFile{"go.mod", mod}}
	if modPath == "golang.org/toolchain" {
		list = nil // a toolchain has no go.mod in its zip
	}
	for name, text := range files {
		if name != "go.mod" {
			list = append(list, memFile{name, text})
		}
	}
	slices.SortFunc(list, func(a, b modzip.File) int { return strings.Compare(a.Path(), b.Path()) })
	var buf bytes.Buffer
	if err := modzip.Create(&buf, m, list); err != nil {
		return fmt.Errorf("%s: %w", m, err)
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, released})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.modules[m] = &stored{info: info, mod: []byte(mod), zip: buf.Bytes()}
	return nil
}

// AddTree publishes every directory below root that is named like
// example.com/hello@v1.0.0.
func (s *Store) AddTree(root string) error {
	return filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		modPath, version, ok := strings.Cut(filepath.ToSlash(rel), "@")
		if !ok {
			return nil
		}
		files, err := readTree(os.DirFS(dir))
		if err != nil {
			return err
		}
		if err := s.Add(modPath, version, files); err != nil {
			return err
		}
		return fs.SkipDir
	})
}

func readTree(fsys fs.FS) (map[string]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		files[name] = string(data)
		return err
	})
	return files, err
}

// Zip is the module zip of a version, nil if there is none.
func (s *Store) Zip(modPath, version string) []byte {
	if m := s.lookup(modPath, version); m != nil {
		return m.zip
	}
	return nil
}

// Sum is the two lines that go.sum has for a version.
func (s *Store) Sum(modPath, version string) (string, error) {
	m := s.lookup(modPath, version)
	if m == nil {
		return "", fmt.Errorf("%s@%s: %w", modPath, version, os.ErrNotExist)
	}
	zipHash, err := hashZip(m.zip)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%[1]s %[2]s %[3]s\n%[1]s %[2]s/go.mod %[4]s\n", modPath, version, zipHash, modhash.GoMod(m.mod)), nil
}

func hashZip(data []byte) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", err
	}
	return modhash.Zip(z, nil)
}

func (s *Store) lookup(modPath, version string) *stored {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modules[module.Version{Path: modPath, Version: version}]
}

// ServeHTTP answers as a module proxy.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/sumdb/") {
		s.serveSumDB(w, r)
		return
	}
	data, mime := s.find(strings.TrimPrefix(r.URL.Path, "/"))
	if data == nil {
		http.Error(w, "not found: "+r.URL.Path, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", mime)
	if s.NoRange {
		w.Write(data)
		return
	}
	w.Header().Set("Etag", fmt.Sprintf("%q", fmt.Sprintf("%d-%x", len(data), sum(data))))
	http.ServeContent(w, r, "", released, bytes.NewReader(data))
}

// find is the content for a path of the module proxy protocol.
func (s *Store) find(name string) (data []byte, mime string) {
	const text = "text/plain; charset=utf-8"
	if escaped, ok := strings.CutSuffix(name, "/@latest"); ok {
		modPath, _ := module.UnescapePath(escaped)
		return s.info(modPath, latest(s.Versions(modPath))), "application/json"
	}
	escaped, file, ok := strings.Cut(name, "/@v/")
	if !ok {
		return nil, ""
	}
	modPath, err := module.UnescapePath(escaped)
	if err != nil {
		return nil, ""
	}
	if file == "list" {
		return s.list(modPath), text
	}
	ext := path.Ext(file)
	version, err := module.UnescapeVersion(strings.TrimSuffix(file, ext))
	if err != nil {
		return nil, ""
	}
	m := s.lookup(modPath, version)
	switch {
	case ext == ".info":
		return s.info(modPath, version), "application/json"
	case ext == ".mod" && m != nil:
		return m.mod, text
	case ext == ".zip" && m != nil:
		return m.zip, "application/zip"
	}
	return nil, ""
}

// list is the file of tagged versions; a module without any has an empty one.
func (s *Store) list(modPath string) []byte {
	versions := s.Versions(modPath)
	if s.NoList || len(versions) == 0 {
		return nil
	}
	list := []byte{}
	for _, v := range versions {
		if !module.IsPseudoVersion(v) {
			list = append(append(list, v...), '\n')
		}
	}
	return list
}

func (s *Store) info(modPath, rev string) []byte {
	if m := s.lookup(modPath, rev); m != nil {
		return m.info
	}
	return nil
}

// Versions are the versions of a module, in order.
func (s *Store) Versions(modPath string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var versions []string
	for m := range s.modules {
		if m.Path == modPath {
			versions = append(versions, m.Version)
		}
	}
	semver.Sort(versions)
	return versions
}

// latest is the highest release, or else the highest of all.
func latest(versions []string) string {
	for _, v := range slices.Backward(versions) {
		if semver.Prerelease(v) == "" {
			return v
		}
	}
	if len(versions) == 0 {
		return ""
	}
	return versions[len(versions)-1]
}

// memFile is a file of a module zip in the making.
type memFile struct{ name, text string }

func (f memFile) Path() string                 { return f.name }
func (f memFile) Lstat() (os.FileInfo, error)  { return memInfo{f}, nil }
func (f memFile) Open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(f.text)), nil }

type memInfo struct{ memFile }

func (i memInfo) Name() string       { return path.Base(i.name) }
func (i memInfo) Size() int64        { return int64(len(i.text)) }
func (i memInfo) Mode() fs.FileMode  { return 0o644 }
func (i memInfo) ModTime() time.Time { return released }
func (i memInfo) IsDir() bool        { return false }
func (i memInfo) Sys() any           { return nil }
