package spool

import (
	"os"
	"path/filepath"
	"sync"
	"time"
)

var sweep sync.Once

// createTemp makes a temporary file. An open file cannot be removed here, so
// those of a killed process are swept by a later one.
func createTemp(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	sweep.Do(func() { sweepTemp(dir) })
	return os.CreateTemp(dir, "gosteady-*.spool")
}

func sweepTemp(dir string) {
	old, _ := filepath.Glob(filepath.Join(dir, "gosteady-*.spool"))
	for _, name := range old {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.Remove(name)
		}
	}
}

func discard(file *os.File) {
	file.Close()
	os.Remove(file.Name())
}
