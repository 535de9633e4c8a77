package store

import "os"

// hold makes a file and keeps it open for as long as this process lives.
func hold(file string) (release func(), err error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	return func() { f.Close() }, nil
}

// isDead reports whether the process that held a file is gone: what is open cannot be
// removed.
func isDead(file string) bool { return os.Remove(file) == nil }
