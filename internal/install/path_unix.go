//go:build unix

package install

import (
	"path/filepath"
	"runtime"
	"slices"
)

// pathPlace names where the directory is put into PATH.
func (s *shims) pathPlace(in *Installer) (string, error) {
	f, err := in.startupFile(s.dir, s.system, runtime.GOOS)
	return f.name, err
}

func (s *shims) addToPath(in *Installer) error {
	f, err := in.startupFile(s.dir, s.system, runtime.GOOS)
	if err != nil {
		return err
	}
	return f.add(in)
}

// setBy lists the start-up files that have our line.
func (s *shims) setBy(in *Installer) []string {
	return slices.DeleteFunc(in.startupFiles(s.system), func(name string) bool { return !hasLine(name, s.dir) })
}

// removeFromPath takes our line out of the start-up files that this user may write.
func (s *shims) removeFromPath(in *Installer) (changed []string, errs []error) {
	for _, name := range in.startupFiles(s.system) {
		if target, err := follow(name); err == nil {
			dropStages(filepath.Dir(target), 0)
		}
		did, err := forgetLine(name, s.dir)
		if err != nil {
			errs = append(errs, err)
		}
		if did {
			changed = append(changed, name)
		}
	}
	return changed, errs
}

// shadowed tells what comes before the user's PATH whatever they do; nothing does here.
func (s *shims) shadowed() string { return "" }
