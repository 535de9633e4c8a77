// Package spool holds bodies that are collected, checked, and then read by any number:
// in memory as long as there is some, then in temporary files, and in memory again where
// no file can be made.
package spool

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

const (
	// memoryEach is how much of one body is held in memory: most go.mod files
	// and zips are smaller.
	memoryEach = 1 << 20
	// memoryAll is the same for all bodies together.
	memoryAll = 8 << 20
)

// A Pool hands out room for bodies.
type Pool struct {
	Dir  string // of temporary files; "": the system's
	used atomic.Int64
	bad  atomic.Bool // no temporary file could be made
}

// A Body is one body that is being collected, or is complete. One goroutine
// writes it; when it is complete any number may read. Nil is a body of no bytes.
type Body struct {
	pool *Pool
	mu   sync.Mutex
	buf  []byte
	file *os.File
	size int64
}

// New returns an empty body. Close must be called.
func (p *Pool) New() *Body { return &Body{pool: p} }

// Used is how much memory the pool's bodies take.
func (p *Pool) Used() int64 { return p.used.Load() }

// Write appends.
func (b *Body) Write(p []byte) (int, error) {
	if b.file == nil && !b.fits(len(p)) {
		if err := b.spill(); err != nil {
			return 0, err
		}
	}
	if b.file != nil {
		if _, err := b.file.WriteAt(p, b.size); err == nil {
			b.size += int64(len(p))
			return len(p), nil
		}
		if err := b.unspill(); err != nil {
			return 0, err
		}
	}
	b.grow(len(p))
	b.buf = append(b.buf, p...)
	b.size += int64(len(p))
	return len(p), nil
}

func (b *Body) fits(more int) bool {
	if b.pool.bad.Load() {
		return true
	}
	return b.size+int64(more) <= memoryEach && b.pool.used.Load()+int64(more) <= memoryAll
}

// grow keeps the account of memory while append would reallocate.
func (b *Body) grow(more int) {
	before := cap(b.buf)
	if len(b.buf)+more > before {
		bigger := make([]byte, len(b.buf), max(2*before, len(b.buf)+more, 4096))
		copy(bigger, b.buf)
		b.buf = bigger
		b.pool.used.Add(int64(cap(b.buf) - before))
	}
}

// Expect makes room for a body whose size is announced.
func (b *Body) Expect(size int64) {
	if size > 0 && size <= memoryEach && b.file == nil && b.fits(int(size)) {
		b.grow(int(size))
	}
}

// spill moves what there is to a temporary file. Where none can be made, the
// body stays in memory: a read-only image has no place for files.
func (b *Body) spill() error {
	file, err := createTemp(b.pool.Dir)
	if err != nil {
		b.pool.bad.Store(true)
		return nil
	}
	if _, err := file.WriteAt(b.buf, 0); err != nil {
		discard(file)
		b.pool.bad.Store(true) // a full disk
		return nil
	}
	b.free()
	b.file = file
	return nil
}

// unspill takes a body back into memory when the disk has become full.
func (b *Body) unspill() error {
	b.pool.bad.Store(true)
	buf := make([]byte, b.size)
	if _, err := b.file.ReadAt(buf, 0); err != nil && err != io.EOF {
		return err
	}
	discard(b.file)
	b.file, b.buf = nil, buf
	b.pool.used.Add(int64(cap(buf)))
	return nil
}

func (b *Body) free() {
	b.pool.used.Add(-int64(cap(b.buf)))
	b.buf = nil
}

// Reset empties the body, to begin anew.
func (b *Body) Reset() error {
	b.size = 0
	b.buf = b.buf[:0]
	if b.file == nil {
		return nil
	}
	return b.file.Truncate(0)
}

// ReadAt makes a complete body an [io.ReaderAt].
func (b *Body) ReadAt(p []byte, off int64) (int, error) {
	b.mu.Lock()
	buf, file := b.buf, b.file
	b.mu.Unlock()
	if file != nil {
		return file.ReadAt(p, off)
	}
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	if off >= int64(len(buf)) {
		return 0, io.EOF
	}
	n := copy(p, buf[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Reader reads the whole body from its beginning.
func (b *Body) Reader() *io.SectionReader { return io.NewSectionReader(b, 0, b.size) }

// Size is the number of bytes.
func (b *Body) Size() int64 {
	if b == nil {
		return 0
	}
	return b.size
}

// Close gives the room back. The size stays: whoever
// reads on comes to an early end, and takes it for no whole body.
func (b *Body) Close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free()
	if b.file != nil {
		discard(b.file)
		b.file = nil
	}
}
