package repofile

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
)

// The names of devices are in every folder, with any ending: a repository may name
// them, and a read of the console would wait for a person.
func TestDevices(t *testing.T) {
	for _, dir := range []string{"", t.TempDir(), `\\.\`} {
		for _, name := range []string{"NUL", "nul", "CON", "CONIN$", "AUX", "PRN", "COM1", "LPT1", "NUL.mod", "CON.txt"} {
			name = filepath.Join(dir, name)
			if data, err := Read(name, 1<<20); data != nil || !errors.Is(err, ErrNotRegular) && !errors.Is(err, fs.ErrNotExist) && !isSystem(err) {
				t.Errorf("%s: %q, %v", name, data, err)
			}
		}
	}
}

// isSystem reports whether Windows itself refuses to say what a name is of.
func isSystem(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) && path.Op != "read"
}
