//go:build !windows

package store

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// hold makes a file and locks it for as long as this process lives.
func hold(file string) (release func(), err error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	_ = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) // without locks, others go by the file's age
	return func() { f.Close() }, nil
}

// isDead reports whether the process that held a file is gone. One that has made its
// directory may not have locked the file yet, and some file systems have no locks.
func isDead(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		fi, err := os.Stat(file[:len(file)-len(lockName)])
		return err == nil && time.Since(fi.ModTime()) > time.Minute
	}
	defer f.Close()
	switch unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) {
	case nil:
		return true
	case unix.EWOULDBLOCK:
		return false
	}
	fi, err := f.Stat()
	return err == nil && time.Since(fi.ModTime()) > 24*time.Hour
}
