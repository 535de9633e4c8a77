package stamp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Sources are the Go files of some packages and of those that they import, as far as
// these lie in the user's own modules.
type Sources struct {
	Tests   bool // the files of tests are loaded too
	Folders []Folder
}

// A Folder holds the Go files of a package.
type Folder struct {
	Entry
	Below bool // what comes to be below it is loaded too
	Part  bool // some of its files were named: what the others import may not have been loaded
	Files []File
}

// A File is a Go file.
type File struct {
	Name       string
	Time, Size int64
	Imports    []string
	// Rule is what decides whether the file belongs to the package: build constraints,
	// in its text or name. Nobody looks whether it does. Empty: it does.
	Rule string
}

// hold reports whether the files import nothing but what they imported, or what others
// did that were loaded.
func (s *Sources) hold() bool {
	var known map[string]bool
	for _, folder := range s.Folders {
		now, ok := Look(folder.Path)
		if !ok || now != folder.Entry && s.grown(&folder) {
			return false
		}
		for _, old := range folder.Files {
			file := filepath.Join(folder.Path, old.Name)
			now, ok := Look(file)
			if !ok || now.Time == old.Time && now.Size == old.Size {
				continue // what is gone imports nothing
			}
			if known == nil {
				known = s.imports()
			}
			if !old.covers(scanFile(file), known) {
				return false
			}
		}
	}
	return true
}

// imports are those of the files that were loaded for sure.
func (s *Sources) imports() map[string]bool {
	all := make(map[string]bool)
	for _, folder := range s.Folders {
		for _, f := range folder.Files {
			for _, path := range f.Imports {
				all[path] = all[path] || f.Rule == "" && !folder.Part
			}
		}
	}
	return all
}

// covers reports whether a file as it is now imports nothing new.
func (f *File) covers(now File, known map[string]bool) bool {
	return now.Rule == f.Rule && !slices.ContainsFunc(now.Imports, func(path string) bool {
		return !known[path] && !slices.Contains(f.Imports, path)
	})
}

// grown reports whether a folder has Go files that it had not, or folders where these
// count.
func (s *Sources) grown(f *Folder) bool {
	entries, err := os.ReadDir(f.Path)
	return err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		switch name := e.Name(); {
		case e.IsDir():
			return f.Below && hasPackages(name) && !s.has(filepath.Join(f.Path, name))
		case s.counts(name):
			return !slices.ContainsFunc(f.Files, func(old File) bool { return old.Name == name })
		}
		return false
	})
}

func (s *Sources) has(folder string) bool {
	return slices.ContainsFunc(s.Folders, func(f Folder) bool { return f.Path == folder })
}

// counts reports whether go would read a file of that name.
func (s *Sources) counts(name string) bool {
	return strings.HasSuffix(name, ".go") && name[0] != '.' && name[0] != '_' &&
		(s.Tests || !strings.HasSuffix(name, "_test.go"))
}

// hasPackages reports whether "..." looks into a folder of that name.
func hasPackages(name string) bool {
	return name[0] != '.' && name[0] != '_' && name != "testdata"
}

// encode gives each line that tells of the sources, and says how many they are.
func (s *Sources) encode(line func(kind byte, time, size int64, name string)) (lines int) {
	tests := int64(0)
	if s.Tests {
		tests = 1
	}
	line('t', tests, 0, "")
	lines = 1
	for _, folder := range s.Folders {
		kind := byte('d')
		switch {
		case folder.Below:
			kind = 'b'
		case folder.Part:
			kind = 'p'
		}
		line(kind, folder.Time, folder.Size, folder.Path)
		for _, f := range folder.Files {
			line('f', f.Time, f.Size, f.Name)
			line('i', 0, 0, strings.Join(append([]string{f.Rule}, f.Imports...), "\t"))
			lines += 2
		}
		lines++
	}
	return lines
}

// decode reads one line.
func (s *Sources) decode(kind string, e Entry) bool {
	switch kind {
	case "t":
		s.Tests = e.Time == 1
		return true
	case "d", "b", "p":
		s.Folders = append(s.Folders, Folder{Entry: e, Below: kind == "b", Part: kind == "p"})
		return true
	}
	if len(s.Folders) == 0 {
		return false
	}
	folder := &s.Folders[len(s.Folders)-1]
	switch kind {
	case "f":
		folder.Files = append(folder.Files, File{Name: e.Path, Time: e.Time, Size: e.Size})
		return true
	case "i":
		if len(folder.Files) == 0 {
			return false
		}
		f := &folder.Files[len(folder.Files)-1]
		f.Rule, f.Imports = e.Path, nil
		if words := strings.Split(e.Path, "\t"); len(words) > 1 {
			f.Rule, f.Imports = words[0], words[1:]
		}
		return true
	}
	return false
}
