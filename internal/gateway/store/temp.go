package store

import (
	"os"
	"path/filepath"
)

// lockName is the file that a process holds for as long as it uses a directory of
// temporary files.
const lockName = "lock"

// lockedDir makes a directory of temporary files for this process.
func lockedDir(all string) (dir string, unlock func(), err error) {
	if dir, err = os.MkdirTemp(all, ""); err != nil {
		return "", nil, err
	}
	if unlock, err = hold(filepath.Join(dir, lockName)); err != nil {
		os.RemoveAll(dir)
		return "", nil, err
	}
	return dir, unlock, nil
}

// removeDead removes the directories of processes that are gone.
func removeDead(all string) {
	entries, err := os.ReadDir(all)
	if err != nil {
		return
	}
	for _, e := range entries {
		dir := filepath.Join(all, e.Name())
		if isDead(filepath.Join(dir, lockName)) {
			os.RemoveAll(dir) // what stays is looked at again next time
		}
	}
}
