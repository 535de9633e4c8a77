package front

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// modulePath is how another copy of gosteady is told from a toolchain.
const modulePath = "github.com/gosteady/gosteady"

// recordName is the file beside our binary in which the installer wrote the
// real go's path, for environments whose PATH is empty or was replaced.
const recordName = "real-go"

// A RealGo is the toolchain's own go command, or another wrapper in front of it.
type RealGo struct {
	Path   string // absolute
	Why    string // how it was found, for `go steady which`
	GOROOT string // the tree that it lies in; "" for a wrapper, of which nothing is assumed
}

// A NotFoundError says that no real go was found, or that the one named cannot
// be run. It carries the exit status that a shell would give.
type NotFoundError struct {
	Msg  string
	Code int // 127: none found, 126: not runnable
}

func (e *NotFoundError) Error() string { return e.Msg }

// A Finder looks for the real go. The zero Finder finds nothing.
type Finder struct {
	Getenv func(string) string
	Argv0  string // as we were started
	Self   string // our executable, symlinks resolved
}

// Find returns the real go: GOSTEADY_GO; else the go.real beside us, where we
// stand in a GOROOT; else the first go in PATH after the entry that we were
// started from which is not gosteady; else the recorded one. Where that is a
// gosteady that stands in a GOROOT, the go.real beside it is taken: two layers
// never run each other.
func (f Finder) Find() (RealGo, error) {
	self, _ := os.Stat(f.Self) // nil if we were deleted or replaced meanwhile: then only build information tells
	if named := f.Getenv("GOSTEADY_GO"); named != "" {
		return f.named(named, self)
	}
	if real, err := f.inPlace(self); real.Path != "" || err != nil {
		return real, err
	}
	list := filepath.SplitList(f.Getenv("PATH"))
	for _, dir := range list[f.after(list, self):] {
		for _, name := range ProgramNames("go", f.Getenv) {
			if path := f.usable(filepath.Join(orDot(dir), name), self); path != "" {
				return newRealGo(path, "first go in PATH after gosteady")
			}
		}
	}
	record := filepath.Join(filepath.Dir(f.Self), recordName)
	if data, err := os.ReadFile(record); err == nil {
		if path := strings.TrimSpace(string(data)); filepath.IsAbs(path) {
			if path = f.usable(path, self); path != "" {
				return newRealGo(path, "recorded by the installer in "+record)
			}
		}
	}
	return RealGo{}, &NotFoundError{
		Msg: fmt.Sprintf("no go toolchain found in PATH after gosteady (%s), nor named by %s; install Go, or set GOSTEADY_GO to its go command",
			filepath.Dir(f.Self), record),
		Code: 127,
	}
}

func (f Finder) named(path string, self fs.FileInfo) (RealGo, error) {
	if !filepath.IsAbs(path) { // it would be whatever the working directory has by that name
		return RealGo{}, &NotFoundError{fmt.Sprintf("GOSTEADY_GO names %s, which cannot be run from everywhere; set it to the absolute path of the real go command or unset it", path), 126}
	}
	fi, err := os.Stat(path)
	for _, name := range ProgramNames(filepath.Base(path), f.Getenv) { // the ending may be left out where a shell adds it
		file := filepath.Join(filepath.Dir(path), name)
		if added, ok := os.Stat(file); err != nil && ok == nil {
			path, fi, err = file, added, nil
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return RealGo{}, &NotFoundError{fmt.Sprintf("GOSTEADY_GO names %s, which does not exist; set it to the real go command or unset it", path), 127}
	case err != nil || fi.IsDir() || !executable(path, fi):
		return RealGo{}, &NotFoundError{fmt.Sprintf("GOSTEADY_GO names %s, which cannot be run; set it to the real go command or unset it", path), 126}
	}
	real := f.usable(path, self)
	if real == "" {
		return RealGo{}, &NotFoundError{fmt.Sprintf("GOSTEADY_GO names %s, which is gosteady itself; set it to the real go command or unset it", path), 126}
	}
	return newRealGo(real, "named by GOSTEADY_GO")
}

// inPlace returns the toolchain's own go where we stand in its place in a GOROOT,
// as "gosteady install --goroot" leaves it. It is an error to stand in a GOROOT
// without it: any other go would be of another toolchain.
func (f Finder) inPlace(self fs.FileInfo) (RealGo, error) {
	path := filepath.Join(filepath.Dir(f.Self), RealName())
	fi, err := os.Stat(path)
	switch {
	case path == f.Self:
		return RealGo{}, &NotFoundError{Msg: path + " is gosteady, and ought to be the toolchain's own go; install Go there anew", Code: 126}
	case err == nil && !fi.IsDir() && executable(path, fi) && !(self != nil && os.SameFile(fi, self)):
		return newRealGo(path, "beside gosteady, which stands in its place")
	case IsGo(f.Self) && treeOf(f.Self) != "":
		return RealGo{}, &NotFoundError{
			Msg:  fmt.Sprintf("%s, the toolchain's own go, is missing or cannot be run; install Go there anew", path),
			Code: 127,
		}
	}
	return RealGo{}, nil
}

// after returns the index of the first PATH entry behind the one that we were
// started from; 0 if PATH does not have us.
func (f Finder) after(list []string, self fs.FileInfo) int {
	started := ""
	if filepath.Base(f.Argv0) != f.Argv0 {
		started = filepath.Dir(f.Argv0)
	}
	for i, dir := range list {
		if started != "" && sameDir(orDot(dir), started) {
			return i + 1
		}
		if fi, err := os.Stat(filepath.Join(orDot(dir), ProgramNames("go", nil)[0])); started == "" && err == nil && self != nil && os.SameFile(fi, self) {
			return i + 1
		}
	}
	return 0
}

// usable returns the go to run for one that was found: itself, the go.real beside
// it if it is a gosteady that stands in a GOROOT, or "" if it cannot be run or
// is gosteady.
func (f Finder) usable(path string, self fs.FileInfo) string {
	fi, err := os.Stat(path)
	if err != nil || fi.IsDir() || !executable(path, fi) {
		return ""
	}
	root := goroot(path)
	if root != "" {
		real := filepath.Join(root, "bin", RealName())
		if other, err := os.Stat(real); err == nil && !other.IsDir() && executable(real, other) && isGosteady(path, fi, self) {
			return real
		}
	}
	if self != nil && os.SameFile(fi, self) {
		return ""
	}
	// Without a go.real, a file inside a GOROOT is the toolchain's: reading build
	// information costs more than all the rest of the pass route.
	if root == "" && isGosteady(path, fi, self) {
		return ""
	}
	return path
}

// isGosteady reports whether path is this program or another copy of it.
func isGosteady(path string, fi, self fs.FileInfo) bool {
	return self != nil && os.SameFile(fi, self) || IsGosteady(path)
}

// IsGosteady reports whether the file is a copy of gosteady, by its build information.
func IsGosteady(path string) bool {
	bi, err := buildinfo.ReadFile(path)
	return err == nil && (bi.Path == modulePath || bi.Main.Path == modulePath)
}

func newRealGo(path, why string) (RealGo, error) {
	abs, err := filepath.Abs(path)
	if err != nil { // a relative PATH entry in a directory that is gone: as written is all we have
		abs = path
	}
	return RealGo{Path: abs, Why: why, GOROOT: goroot(abs)}, nil
}

// goroot returns the GOROOT that a go command lies in, judged as cmd/go does
// (cfg.findGOROOT): by pkg/tool, first beside the path as written, then behind
// symlinks.
func goroot(path string) string {
	if root := treeOf(path); root != "" {
		return root
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil || resolved == path {
		return ""
	}
	return treeOf(resolved)
}

func treeOf(path string) string {
	for _, up := range []string{"../..", "../../.."} {
		root := filepath.Join(path, up)
		if fi, err := os.Stat(filepath.Join(root, "pkg", "tool")); err == nil && fi.IsDir() {
			return root
		}
	}
	return ""
}

func sameDir(a, b string) bool {
	if a == b {
		return true
	}
	fa, errA := os.Stat(a)
	fb, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(fa, fb)
}

// orDot gives an empty PATH entry its meaning.
func orDot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// RealName is what the toolchain's own go is called where gosteady stands in its
// place: cmd/go finds its GOROOT from any name in bin (cfg.findGOROOT).
func RealName() string { return "go.real" + exeSuffix() }

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// ProgramNames are the files that a shell takes for a program of that name, first to
// last: on Windows those with the endings of PATHEXT, of which we can start four.
// A getenv of nil knows no PATHEXT.
func ProgramNames(name string, getenv func(string) string) []string {
	if runtime.GOOS != "windows" {
		return []string{name}
	}
	return namesIn(name, getenv)
}

func namesIn(name string, getenv func(string) string) (names []string) {
	if getenv != nil {
		for ext := range strings.SplitSeq(strings.ToLower(getenv("PATHEXT")), ";") {
			if slices.Contains(programExts, ext) && !slices.Contains(names, name+ext) {
				names = append(names, name+ext)
			}
		}
	}
	if names == nil { // not set, or with nothing that is a program
		names = []string{name + ".exe", name + ".com", name + ".bat", name + ".cmd"}
	}
	return names
}

var programExts = []string{".com", ".exe", ".bat", ".cmd"}
