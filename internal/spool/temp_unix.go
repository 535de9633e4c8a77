//go:build !windows

package spool

import "os"

// createTemp makes a file that has no name any more, so that nothing is left
// behind even if we are killed.
func createTemp(dir string) (*os.File, error) {
	file, err := os.CreateTemp(dir, "gosteady-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func discard(file *os.File) { file.Close() }
