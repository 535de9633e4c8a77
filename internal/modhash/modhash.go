// Package modhash has the hashes by which go.sum, .ziphash files and the checksum
// database know a module version: "h1:" of its zip's files, and of its go.mod.
//
// The hash itself is golang.org/x/mod/sumdb/dirhash. What stands here is what it is
// given: a zip that is open already, wherever its bytes are, or one go.mod in memory.
package modhash

import (
	"archive/zip"
	"bytes"
	"io"

	"golang.org/x/mod/sumdb/dirhash"
)

// GoMod is the hash of a go.mod, as go.sum has it for "version/go.mod".
func GoMod(data []byte) string {
	sum, _ := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) { // cannot fail: memory
		return io.NopCloser(bytes.NewReader(data)), nil
	})
	return sum
}

// Zip is the hash of a zip's files, as go.sum has it for a version. Each is opened by
// open, in the order of the names, so that a caller can look at what is hashed; nil is
// [zip.File.Open]. That reads no more of a file than the directory announces.
func Zip(z *zip.Reader, open func(*zip.File) (io.ReadCloser, error)) (string, error) {
	if open == nil {
		open = (*zip.File).Open
	}
	names := make([]string, 0, len(z.File))
	files := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		names = append(names, f.Name)
		files[f.Name] = f
	}
	return dirhash.Hash1(names, func(name string) (io.ReadCloser, error) { return open(files[name]) })
}
