// Package abspath completes the names of files that people give.
//
// Windows has two kinds that are neither absolute nor relative: \x is on the drive of
// the working directory, and C:x below the directory that drive C remembers.
package abspath

import (
	"os"
	"path/filepath"
)

// From is the file of that name, for somebody who works in dir.
func From(dir, name string) string {
	switch volume := filepath.VolumeName(name); {
	case filepath.IsAbs(name):
		return name
	case volume != "":
		if abs, err := filepath.Abs(name); err == nil {
			return abs
		}
	case name != "" && os.IsPathSeparator(name[0]): // on Windows alone, see IsAbs
		return filepath.Join(filepath.VolumeName(dir)+`\`, name)
	}
	return filepath.Join(dir, name)
}
