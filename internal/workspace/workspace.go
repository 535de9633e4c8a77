// Package workspace finds the module or workspace that a go command works in,
// as cmd/go/internal/modload does, and reads what it requires.
//
// Finding costs a few stats and the reading of one go.mod or go.work: it runs
// before every command that may fetch. Nothing here fails where the go command
// would not look: a deleted working directory, a symlink or a newline in a
// name give an empty [Workspace] at worst.
package workspace

import (
	"errors"
	"go/version"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/internal/repofile"
)

// A Workspace is what a go command run in some directory works on. The zero
// Workspace is a place outside any module.
type Workspace struct {
	ModFile  string // absolute path of go.mod, or of the -modfile; "" outside a module
	ModRoot  string // directory of go.mod (not of the -modfile)
	WorkFile string // go.work in force, "" if none

	// GoVersion and Toolchain are the lines of go.work, or else of go.mod:
	// "1.24", "go1.25.1"; "" where there is no such line.
	GoVersion string
	Toolchain string

	// VendorDir is the directory that automatic vendoring uses, "" if it is
	// not in force. An explicit -mod, or a command that ignores automatic
	// vendoring, is the caller's to consider.
	VendorDir string
}

// Find locates go.mod and go.work for a command run in dir, with its -modfile
// flag or "". dir may be empty if the working directory is gone. The Workspace
// is usable (if emptier) along with an error.
func Find(dir string, s *goenv.Settings, modfile string) (*Workspace, error) {
	w, err := findModule(dir, s, modfile)
	if w == nil {
		return new(Workspace), err
	}
	work, workErr := findWork(dir, s)
	w.WorkFile = work
	return w, errors.Join(err, workErr, w.readVersions())
}

// FindModule is Find for commands that ignore workspaces: mod tidy, init,
// edit.
func FindModule(dir string, s *goenv.Settings, modfile string) (*Workspace, error) {
	w, err := findModule(dir, s, modfile)
	if w == nil {
		return new(Workspace), err
	}
	return w, errors.Join(err, w.readVersions())
}

// findModule looks for go.mod. It returns nil where modules are off.
func findModule(dir string, s *goenv.Settings, modfile string) (*Workspace, error) {
	if dir == "" {
		return nil, nil
	}
	switch mode := s.Get("GO111MODULE"); mode {
	case "", "on", "auto":
	case "off":
		return nil, nil
	default:
		return nil, errors.New("unknown environment setting GO111MODULE=" + mode)
	}
	w := new(Workspace)
	root := upwards(dir, "go.mod", "")
	if root == "" || isTempRoot(root) {
		return w, nil
	}
	w.ModRoot = root
	w.ModFile = filepath.Join(root, "go.mod")
	if modfile != "" {
		w.ModFile = modfile
		if !filepath.IsAbs(modfile) {
			w.ModFile = filepath.Join(dir, modfile)
		}
	}
	return w, nil
}

// isTempRoot: cmd/go ignores a go.mod in the root of the temporary directory,
// which is there by accident.
func isTempRoot(dir string) bool {
	a, err := os.Stat(dir)
	if err != nil {
		return false
	}
	b, err := os.Stat(os.TempDir())
	return err == nil && os.SameFile(a, b)
}

// findWork returns the go.work in force. A GOWORK that names a file is
// believed even if the file does not exist, as cmd/go believes it.
func findWork(dir string, s *goenv.Settings) (string, error) {
	switch gowork := s.Get("GOWORK"); {
	case gowork == "off":
		return "", nil
	case gowork == "" || gowork == "auto":
		if d := upwards(dir, "go.work", s.GOROOT()); d != "" {
			return filepath.Join(d, "go.work"), nil
		}
		return "", nil
	case !filepath.IsAbs(gowork):
		return "", errors.New("invalid GOWORK: not an absolute path")
	default:
		return gowork, nil
	}
}

// upwards returns dir or the nearest directory above it that has a file of
// that name; it does not go up into stop.
func upwards(dir, name, stop string) string {
	for dir = filepath.Clean(dir); ; {
		if fi, err := os.Stat(filepath.Join(dir, name)); err == nil && !fi.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir || up == stop && stop != "" {
			return ""
		}
		dir = up
	}
}

// Root returns the directory of go.work or else of go.mod, "" if neither.
func (w *Workspace) Root() string {
	if w.WorkFile != "" {
		return filepath.Dir(w.WorkFile)
	}
	return w.ModRoot
}

// readVersions reads the go and toolchain lines and decides on vendoring.
func (w *Workspace) readVersions() error {
	file := w.WorkFile
	if file == "" {
		file = w.ModFile
	}
	if file == "" {
		return nil
	}
	data, err := repofile.Read(file, repofile.MaxMod)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && file == w.WorkFile {
			return nil // "go work init" is about to write it
		}
		return err
	}
	w.GoVersion = lookup(string(data), "go")
	w.Toolchain = lookup(string(data), "toolchain")
	w.VendorDir = w.vendorDir()
	return nil
}

// lookup finds a directive without parsing the file, as cmd/go itself does
// when it chooses a toolchain.
func lookup(data, key string) string {
	for line := range strings.SplitSeq(data, "\n") {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), key)
		if ok && rest != "" && (rest[0] == ' ' || rest[0] == '\t') {
			rest, _, _ = strings.Cut(rest, "//")
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// vendorDir returns the vendor directory if cmd/go would use it unasked: since
// go 1.14, if it was made in the same mode (workspace or module).
func (w *Workspace) vendorDir() string {
	if w.GoVersion == "" || version.Compare("go"+w.GoVersion, "go1.14") < 0 {
		return ""
	}
	dir := filepath.Join(w.Root(), "vendor")
	if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
		return ""
	}
	forWork, err := vendoredWorkspace(dir)
	if err != nil || forWork != (w.WorkFile != "") {
		return ""
	}
	return dir
}

// vendoredWorkspace reads the first line of modules.txt, where "go work
// vendor" leaves its mark. Without the file it was a module's.
func vendoredWorkspace(dir string) (bool, error) {
	head, err := repofile.Head(filepath.Join(dir, "modules.txt"), 512)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	line, _, _ := strings.Cut(string(head), "\n")
	marks, ok := strings.CutPrefix(line, "## ")
	if !ok {
		return false, nil
	}
	for mark := range strings.SplitSeq(marks, ";") {
		if strings.TrimSpace(mark) == "workspace" {
			return true, nil
		}
	}
	return false, nil
}
