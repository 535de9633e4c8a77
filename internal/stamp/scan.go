package stamp

import (
	"errors"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/internal/repofile"
)

// maxFiles bounds the files and folders that are looked at before a command: beyond
// that, looking costs as much as it saves.
const maxFiles = 500

// maxFile bounds a Go file that is read for its imports.
const maxFile = 4 << 20

// Errors of Scan.
var (
	ErrMany   = errors.New("too many source files")
	ErrEdited = errors.New("a source file was edited meanwhile")
)

// A Pattern names packages: one folder, all below it, or one file.
type Pattern struct {
	Path  string
	Below bool
	File  bool
}

// A Scanner finds the sources of packages.
type Scanner struct {
	Local map[string]string // paths of the user's own modules, and where they are
	Tests bool              // files of tests are loaded too
	Since int64             // files that were written later are not what was loaded, in nanoseconds since 1970

	sources *Sources
	seen    map[string]int // folders, by their index in sources
	left    int
	err     error
}

// Scan looks at the packages, and at what they import of the user's own modules.
func (s *Scanner) Scan(patterns []Pattern) (*Sources, error) {
	s.sources, s.seen, s.left = &Sources{Tests: s.Tests}, make(map[string]int), maxFiles
	for _, p := range patterns {
		switch {
		case p.File:
			dir := filepath.Dir(p.Path)
			s.folder(dir, false) // and the others beside it: more than go reads
			if i, ok := s.seen[dir]; ok {
				s.sources.Folders[i].Part = true
			}
		default:
			s.folder(filepath.Clean(p.Path), p.Below)
		}
	}
	for i := 0; i < len(s.sources.Folders) && s.err == nil; i++ { // which grows
		for _, f := range s.sources.Folders[i].Files {
			for _, path := range f.Imports {
				if dir, ok := s.Dir(path); ok {
					s.folder(dir, false)
				}
			}
		}
	}
	return s.sources, s.err
}

// Dir finds the folder of a package of the user's own modules.
func (s *Scanner) Dir(path string) (dir string, ok bool) {
	for module := path; ; {
		if root, ok := s.Local[module]; ok {
			return filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(path, module))), true
		}
		i := strings.LastIndexByte(module, '/')
		if i < 0 {
			return "", false
		}
		module = module[:i]
	}
}

// folder looks at one folder, and at those below it.
func (s *Scanner) folder(dir string, below bool) {
	i, seen := s.seen[dir]
	if seen && (!below || s.sources.Folders[i].Below) || s.err != nil {
		return
	}
	entry, ok := Look(dir)
	if !ok {
		return // go says so
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	if seen {
		s.sources.Folders[i].Below = true
	} else {
		i = len(s.sources.Folders)
		s.seen[dir] = i
		s.sources.Folders = append(s.sources.Folders, Folder{Entry: entry, Below: below})
		s.count()
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir():
			if below && hasPackages(name) {
				s.subfolder(filepath.Join(dir, name))
			}
		case !seen && s.sources.counts(name):
			s.file(i, dir, name)
		}
	}
}

// subfolder looks at a folder that "..." comes to. Of another module there is no more
// to know than that it was there.
func (s *Scanner) subfolder(dir string) {
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil || s.isLocal(dir) {
		s.folder(dir, true)
	} else if entry, ok := Look(dir); ok {
		s.sources.Folders = append(s.sources.Folders, Folder{Entry: entry})
	}
}

func (s *Scanner) isLocal(dir string) bool {
	for _, root := range s.Local {
		if root == dir {
			return true
		}
	}
	return false
}

func (s *Scanner) file(folder int, dir, name string) {
	entry, ok := Look(filepath.Join(dir, name))
	if !ok {
		return
	}
	if entry.Time >= s.Since {
		s.err = ErrEdited
		return
	}
	f := scanFile(entry.Path)
	f.Name, f.Time, f.Size = name, entry.Time, entry.Size
	s.sources.Folders[folder].Files = append(s.sources.Folders[folder].Files, f)
	s.count()
}

func (s *Scanner) count() {
	if s.left--; s.left < 0 {
		s.err = ErrMany
	}
}

// scanFile reads what a Go file imports, and on what conditions. What cannot be read
// imports nothing: go says so.
func scanFile(file string) File {
	var f File
	var rules []string
	if base := strings.TrimSuffix(filepath.Base(file), ".go"); strings.Contains(base, "_") {
		rules = append(rules, "name")
	}
	src, err := repofile.Read(file, maxFile)
	if err != nil {
		return File{Rule: "unread"}
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly|parser.ParseComments)
	if parsed == nil || err != nil {
		rules = append(rules, "malformed")
	}
	if parsed == nil {
		return File{Rule: strings.Join(rules, " ")}
	}
	for _, group := range parsed.Comments {
		for _, c := range group.List {
			if c.Pos() < parsed.Package && (constraint.IsGoBuild(c.Text) || constraint.IsPlusBuild(c.Text)) {
				rules = append(rules, strconv.Quote(c.Text))
			}
		}
	}
	for _, spec := range parsed.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || strings.ContainsAny(path, "\t\n") {
			continue
		}
		if path == "C" {
			rules = append(rules, "cgo")
		}
		f.Imports = append(f.Imports, path)
	}
	f.Rule = strings.Join(rules, " ")
	return f
}
