//go:build linux

package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

const (
	version = "0.0.9" // that .ci/release builds
	shims   = "usr/lib/gosteady/shims"
	units   = "usr/lib/systemd/system"
)

func TestMain(m *testing.M) {
	modtest.EnterRoot()
	os.Exit(m.Run())
}

// dist is the directory with the files of a release: of the first build or the second.
func dist(t *testing.T, build string) string {
	t.Helper()
	dir := os.Getenv("GOSTEADY_TEST_RELEASE")
	if dir == "" {
		t.Skip("no release was built: bash .ci/run release")
	}
	return filepath.Join(dir, build)
}

// An entry is a file of an archive, a package or an image.
type entry struct {
	mode fs.FileMode
	text string // of a link: where it leads
}

func sum(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func gunzip(t *testing.T, data []byte) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// untar lists a tar file; owners are root, and times those of the commit.
func untar(t *testing.T, data []byte) map[string]entry {
	t.Helper()
	files := map[string]entry{}
	for tr := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 {
			t.Errorf("%s belongs to %d:%d", h.Name, h.Uid, h.Gid)
		}
		name := strings.TrimPrefix(strings.TrimPrefix(h.Name, "."), "/")
		switch h.Typeflag {
		case tar.TypeDir:
		case tar.TypeSymlink:
			files[name] = entry{fs.ModeSymlink, h.Linkname}
		case tar.TypeReg:
			files[name] = entry{fs.FileMode(h.Mode).Perm(), string(text)}
		default:
			t.Errorf("%s is of type %q", h.Name, h.Typeflag)
		}
	}
}

// archive lists a .tar.gz or .zip of the release.
func archive(t *testing.T, file string) map[string]entry {
	t.Helper()
	data := read(t, file)
	if !strings.HasSuffix(file, ".zip") {
		return untar(t, gunzip(t, data))
	}
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]entry{}
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = entry{f.Mode(), string(text)}
	}
	return files
}

// tree lists the files below a directory.
func tree(t *testing.T, dir string) map[string]entry {
	t.Helper()
	files := map[string]entry{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.Type() == fs.ModeSymlink {
			target, err := os.Readlink(path)
			files[name] = entry{fs.ModeSymlink, target}
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		files[name] = entry{fi.Mode().Perm(), string(text)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// listed is a list of files with modes and sums, to compare and to print.
func listed(files map[string]entry) string {
	var lines []string
	for name, e := range files {
		text := e.text
		if e.mode&fs.ModeSymlink == 0 {
			text = sum([]byte(text))
		}
		lines = append(lines, fmt.Sprintf("%s %v %s\n", name, e.mode, text))
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// run runs a command that must succeed and returns what it printed.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("no ", p, " here")
		}
	}
}

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}
