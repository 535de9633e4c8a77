package install

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gosteady/gosteady/shim/front"
)

// recordedGo is the file beside the shims that names the real go, for environments
// whose PATH is empty or was replaced (front.Finder reads it).
const recordedGo = "real-go"

// shims is a directory of our own that comes before the real go in PATH.
type shims struct {
	dir    string
	system bool
	usual  bool   // the directory that is taken when none is named
	real   string // the real go, "" if none was found
}

// userShims is the usual directory, "" if the user has no home.
func (in *Installer) userShims() string {
	if runtime.GOOS == "windows" {
		if data := in.Getenv("LOCALAPPDATA"); filepath.IsAbs(data) {
			return filepath.Join(data, "gosteady", "shims")
		}
		return ""
	}
	data := in.Getenv("XDG_DATA_HOME")
	if data == "" && in.Getenv("HOME") != "" {
		data = filepath.Join(in.Getenv("HOME"), ".local", "share")
	}
	if data == "" {
		return ""
	}
	return filepath.Join(data, "gosteady", "shims")
}

// shimsIn finds the directory that the options name.
func (in *Installer) shimsIn(o Options) (*shims, error) {
	s := &shims{dir: o.Prefix, system: o.System, usual: o.Prefix == "" && !o.System}
	switch {
	case o.Prefix != "":
	case o.System:
		s.dir = systemShims(in.Getenv)
	default:
		s.dir = in.userShims()
	}
	if s.dir == "" {
		return nil, errors.New("there is no home directory; name a directory with --prefix DIR, or use --system")
	}
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return nil, fmt.Errorf("cannot make %s absolute: %w", s.dir, err)
	}
	s.dir = dir
	if strings.ContainsAny(s.dir, string(filepath.ListSeparator)+"\n") {
		return nil, fmt.Errorf("%s cannot be an entry of PATH; choose a name without %q and newline", s.dir, filepath.ListSeparator)
	}
	return s, nil
}

// checkShims refuses a directory inside a GOROOT (cmd/go takes a directory bin beside
// pkg/tool for one), and one with a go that is not ours.
func (in *Installer) checkShims(o Options) (*shims, error) {
	s, err := in.shimsIn(o)
	if err != nil {
		return nil, err
	}
	for up := s.dir; ; up = filepath.Dir(up) {
		if isThere(filepath.Join(up, "pkg", "tool")) || isThere(filepath.Join(up, "src", "cmd", "go", "main.go")) {
			return nil, fmt.Errorf("%s is inside the GOROOT %s; choose another directory with --prefix, or install in place with --goroot %s", s.dir, up, up)
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	if err := s.onlyOurs(); err != nil {
		return nil, fmt.Errorf("%w; choose another directory with --prefix", err)
	}
	s.real, err = in.realGo(s.dir)
	return s, err
}

// onlyOurs is an error where the directory has a program of our names that is not
// gosteady.
func (s *shims) onlyOurs() error {
	for _, name := range []string{"go", "gosteady"} {
		file := filepath.Join(s.dir, exe(name))
		if isThere(file) && !front.IsGosteady(file) {
			return fmt.Errorf("%s is there and is not gosteady", file)
		}
	}
	return nil
}

// realGo finds the go that the shims in dir will forward to: as they will find it, else
// in the usual places. GOSTEADY_GO must be right; no go at all is none.
func (in *Installer) realGo(dir string) (string, error) {
	self := filepath.Join(dir, exe("go"))
	real, err := front.Finder{Getenv: in.Getenv, Argv0: self, Self: self}.Find()
	if err == nil {
		return real.Path, nil
	}
	if named := in.Getenv("GOSTEADY_GO"); named != "" {
		return "", fmt.Errorf("GOSTEADY_GO=%s is not a go that runs; unset it or correct it", named)
	}
	for _, root := range Toolchains(in.Getenv) {
		file := filepath.Join(root, "bin", exe("go"))
		if real := filepath.Join(root, "bin", front.RealName()); isThere(real) {
			file = real
		}
		if !front.IsGosteady(file) {
			return file, nil
		}
	}
	return "", nil
}

// install writes the programs and the record, and has PATH set.
func (s *shims) install(in *Installer, rec *records, addPath bool) error {
	made, fresh := missing(s.dir), !isThere(filepath.Join(s.dir, exe("go")))
	record := Record{Kind: "shims", Dir: s.dir, System: s.system, Made: made}
	unrecorded := rec.add(record) // first, for a run that is killed
	if err := s.write(in); err != nil {
		for _, dir := range made {
			_ = os.Remove(dir) // only where nothing was put into it
		}
		if fresh && unrecorded == nil {
			err = errors.Join(err, rec.drop(record))
		}
		return err
	}
	if unrecorded != nil {
		in.Warn(unrecorded.Error())
	}
	of := ""
	if s.real != "" {
		of = ", for " + s.real
	}
	in.Say("installed go and gosteady in " + s.dir + of)
	if addPath {
		return s.addToPath(in)
	}
	return nil
}

func (s *shims) write(in *Installer) error {
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("cannot create %s (%w); choose another directory with --prefix, or become root", s.dir, err)
	}
	dropStages(s.dir, aDay) // one of today may be running
	if s.real != "" {
		if err := putText(filepath.Join(s.dir, recordedGo), s.real+"\n"); err != nil {
			return fmt.Errorf("cannot write to %s (%w); choose another directory with --prefix, or become root", s.dir, err)
		}
	}
	// One file of two names where the system has such, as half of the size.
	program, command := filepath.Join(s.dir, exe("gosteady")), filepath.Join(s.dir, exe("go"))
	if err := putProgram(in.Self, program); err != nil {
		return err
	}
	return putProgramLike(program, command)
}

// missing lists the directories that MkdirAll would make, the lowest first.
func missing(dir string) []string {
	var list []string
	for !isThere(dir) {
		list = append(list, dir)
		dir = filepath.Dir(dir)
	}
	return list
}

// remove takes the shims away. It is false where there are none.
func (s *shims) remove(in *Installer) (removed bool, err error) {
	if err := s.onlyOurs(); err != nil {
		return false, fmt.Errorf("%w; nothing was removed", err)
	}
	dropStages(s.dir, 0)
	for _, name := range []string{exe("go"), exe("gosteady"), recordedGo} {
		file := filepath.Join(s.dir, name)
		if !isThere(file) {
			continue
		}
		if err := removeFile(file); err != nil {
			return removed, fmt.Errorf("cannot remove %s: %w", file, err)
		}
		removed = true
	}
	s.removeEmpty(in)
	return removed, nil
}

// removeEmpty removes the directory if it is empty and, for the usual one, what was
// made above it.
func (s *shims) removeEmpty(in *Installer) {
	if os.Remove(s.dir) != nil && isThere(s.dir) {
		return
	}
	up := filepath.Dir(s.dir)
	if filepath.Base(s.dir) != "shims" || filepath.Base(up) != "gosteady" || os.Remove(up) != nil {
		return
	}
	if home := in.Getenv("HOME"); s.dir == filepath.Join(home, ".local", "share", "gosteady", "shims") {
		removeEmptyDirs(filepath.Join(home, ".local", "share"), filepath.Join(home, ".local"))
	}
}

// removeEmptyDirs removes directories in this order, as far as they are empty.
func removeEmptyDirs(dirs ...string) {
	for _, dir := range dirs {
		_ = os.Remove(dir) // what is not empty stays
	}
}
