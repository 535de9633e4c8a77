//go:build unix

package install

import (
	"os"

	"golang.org/x/sys/unix"
)

func rename(from, to string) error { return os.Rename(from, to) }

func removeFile(name string) error { return os.Remove(name) }

// syncDir has a rename reach the disk.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && err.(*os.PathError).Err != unix.EINVAL { // some file systems sync no directories
		return err
	}
	return nil
}

// ownedBy reports whether a file is of this user, or of root.
func ownedBy(fi os.FileInfo) bool {
	uid, ok := ownerID(fi)
	return ok && (uid == os.Geteuid() || uid == 0)
}
