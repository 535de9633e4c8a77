// Package repofile reads files that a repository holds, or can name: policy, go.mod,
// go.work, go.sum, go.work.sum, vendor/modules.txt, files of the module cache.
//
// Whoever wrote the repository chose what lies under these names: a link to /dev/zero, a
// FIFO, a directory, a file of gigabytes. So only regular files are read, they are opened
// without waiting for anybody, and no more is read than their size was when they were
// opened, up to a bound. What is refused here, gosteady does without; go says what it
// thinks of the file.
package repofile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Bounds of what is read. A module's proxy serves no go.mod beyond 16 MiB (x/mod/zip);
// go.sum of the largest repositories has some 30 MiB.
const (
	MaxMod = 16 << 20
	MaxSum = 64 << 20
)

// ErrNotRegular is for what is no regular file.
var ErrNotRegular = errors.New("not a regular file")

// Open opens a regular file, following links.
func Open(name string) (*os.File, fs.FileInfo, error) { return openAs(name, os.Stat, 0) }

// OpenItself is Open for a file that must not be a link.
func OpenItself(name string) (*os.File, fs.FileInfo, error) {
	return openAs(name, os.Lstat, noFollow)
}

func openAs(name string, stat func(string) (fs.FileInfo, error), flags int) (*os.File, fs.FileInfo, error) {
	// Looked at first: to open a device can already do something.
	if fi, err := stat(name); err != nil {
		return nil, nil, err
	} else if !fi.Mode().IsRegular() {
		return nil, nil, &fs.PathError{Op: "open", Path: name, Err: ErrNotRegular}
	}
	f, err := os.OpenFile(name, os.O_RDONLY|nonblock|flags, 0)
	if err != nil {
		return nil, nil, err
	}
	fi, err := f.Stat()
	if err == nil && !fi.Mode().IsRegular() { // it was changed for another meanwhile
		err = &fs.PathError{Op: "open", Path: name, Err: ErrNotRegular}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, fi, nil
}

// Read reads a regular file of at most so many bytes.
func Read(name string, most int64) ([]byte, error) {
	f, fi, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Content(f, fi, most)
}

// Content reads what Open has opened.
func Content(f *os.File, fi fs.FileInfo, most int64) ([]byte, error) {
	if fi.Size() > most {
		return nil, &fs.PathError{Op: "read", Path: f.Name(), Err: fmt.Errorf("larger than %d bytes", most)}
	}
	return upTo(f, fi.Size())
}

// Head reads the beginning of a regular file of any size.
func Head(name string, most int64) ([]byte, error) {
	f, fi, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return upTo(f, min(most, fi.Size()))
}

// upTo reads by a size: some files of /proc are regular, of size 0, and never end.
func upTo(f *os.File, size int64) ([]byte, error) {
	data := make([]byte, size)
	n, err := io.ReadFull(f, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // it has become shorter
	}
	return data[:n], err
}
