package modproxy

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
)

const (
	// maxEntries is how many files a zip may have to be looked at. Toolchains have
	// some 15,000, hardly a module has more than 30,000; and looking at so many costs
	// less than a tenth of a second.
	maxEntries = 1 << 15
	// maxDirectory is what of a zip may be read to know its files; each has 46 bytes
	// and its name, so this is 256 for each of the most.
	maxDirectory = maxEntries * 256
)

// ErrDirectory says that a zip has more files than are looked at. Its directory
// compresses a thousandfold on the way here, and is several times as large in memory,
// so it is not read. Whether the zip is right remains unknown.
var ErrDirectory = errors.New("zip: more files than are looked at")

// OpenZip opens a zip whose directory is not too large; else it fails with
// [ErrDirectory].
func OpenZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	d := &directory{ReaderAt: r}
	z, err := zip.NewReader(d, size)
	if d.entries > maxEntries || d.bytes > maxDirectory {
		return nil, ErrDirectory
	}
	d.opened = true
	return z, err
}

// A directory bounds what is read while a zip is opened. What the zip says of its own
// size is not asked: archive/zip reads on while there are entries.
type directory struct {
	io.ReaderAt
	entries, bytes int
	opened         bool
}

var signature = []byte("PK\x01\x02") // of an entry

func (d *directory) ReadAt(p []byte, off int64) (int, error) {
	n, err := d.ReaderAt.ReadAt(p, off)
	if d.opened {
		return n, err
	}
	d.entries += bytes.Count(p[:n], signature)
	d.bytes += n
	if d.entries > maxEntries || d.bytes > maxDirectory {
		return 0, ErrDirectory
	}
	return n, err
}

// CountEntries returns how many files the directories of a zip have, at a glance: what
// looks like an entry is one.
func CountEntries(zip io.Reader) (n int) {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		got, err := io.ReadFull(zip, buf[kept:])
		n += bytes.Count(buf[:kept+got], signature)
		if err != nil {
			return n
		}
		kept = copy(buf, buf[len(buf)-len(signature)+1:]) // one may lie across
	}
}
