package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gosteady/gosteady/internal/repofile"
)

// repositoryMarks are what the root of a repository has.
var repositoryMarks = []string{".git", ".hg", ".jj", ".svn"}

// nearNames are what people call the file by mistake.
var nearNames = []string{".gosteady.yml", "gosteady.yaml", "gosteady.yml"}

// findFile returns the repository's policy file: at the root of the module,
// else of the workspace, else of the repository; "" if there is none. near are files
// in these places that nearly have its name.
func (l Loader) findFile() (file string, near []string) {
	for _, root := range []func() string{
		func() string { return l.ModuleRoot }, func() string { return l.WorkspaceRoot }, l.repository,
	} {
		dir := root()
		if file = policyIn(dir); file != "" {
			return file, nil
		}
		for _, name := range nearNames {
			if there := fileIn(dir, name); there != "" && !slices.Contains(near, there) {
				near = append(near, there)
			}
		}
	}
	return "", near
}

// repository is the root of the repository around the module, else around the
// workspace, else around the working directory; "" if there is none.
func (l Loader) repository() string {
	for _, start := range []string{l.ModuleRoot, l.WorkspaceRoot, l.Dir} {
		if start != "" {
			return l.repositoryRoot(start)
		}
	}
	return ""
}

func policyIn(dir string) string { return fileIn(dir, FileName) }

// fileIn is the path of a file in a directory, "" if it is not there.
func fileIn(dir, name string) string {
	if dir == "" {
		return ""
	}
	file := filepath.Join(dir, name)
	if _, err := os.Lstat(file); err != nil {
		return ""
	}
	return file
}

// repositoryRoot walks up to the directory that holds the repository. It stops
// before the home directory (a repository of dotfiles is not the project's),
// before another file system, and before a directory of another owner, where
// anyone could have put a file.
func (l Loader) repositoryRoot(start string) string {
	first, err := os.Stat(start)
	if err != nil {
		return ""
	}
	home, _ := os.Stat(homeDir(l.Getenv)) // none: nothing to stop at
	for dir, info := start, first; ; {
		if home != nil && os.SameFile(info, home) || !sameOwnerAndDevice(first, info) {
			return ""
		}
		if hasMark(dir) {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		if info, err = os.Stat(parent); err != nil {
			return ""
		}
		dir = parent
	}
}

func hasMark(dir string) bool {
	for _, mark := range repositoryMarks {
		if _, err := os.Lstat(filepath.Join(dir, mark)); err == nil {
			return true
		}
	}
	return false
}

var errNotRegular = errors.New("it is not a regular file")

// readBelieved reads a file if it is one that may be believed: not one that
// others can write. named is set where GOSTEADY_POLICY names the repository's
// file, so that its owner does not matter.
func readBelieved(layer Layer, file string, named bool) ([]byte, error) {
	open := repofile.Open
	if layer == Repository && !named {
		open = repofile.OpenItself // a link could make an error message quote a file from elsewhere
	}
	f, info, err := open(file) // and all that follows is about what was opened
	if err != nil {
		return nil, plainError(err)
	}
	defer f.Close()
	if info.Size() > maxFile {
		return nil, fmt.Errorf("it is larger than %d KiB", maxFile>>10)
	}
	if err := believable(layer, info, named); err != nil {
		return nil, err
	}
	return repofile.Content(f, info, maxFile)
}

// plainError is the reason without the path, which the message names already.
// A file below something that is no directory is one that does not exist.
func plainError(err error) error {
	if notThere(err) {
		return fs.ErrNotExist
	}
	if errors.Is(err, repofile.ErrNotRegular) {
		return errNotRegular
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
