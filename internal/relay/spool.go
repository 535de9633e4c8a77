package relay

import (
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

const (
	// spoolEach is how much of one body is held in memory: most go.mod files
	// and zips are smaller.
	spoolEach = 1 << 20
	// spoolAll is the same for all bodies together.
	spoolAll = 8 << 20
)

// A depot hands out room for bodies: memory as long as there is some, then
// temporary files, and memory only where no file can be made.
type depot struct {
	dir  string // of temporary files; "": the system's
	used atomic.Int64
	bad  atomic.Bool // no temporary file could be made
}

// A spool is one body that is being collected, or is complete. One goroutine
// writes it; when it is complete any number may read.
type spool struct {
	depot *depot
	mu    sync.Mutex
	buf   []byte
	file  *os.File
	size  int64

	unread bool // a zip with more files than are looked at; set before it is complete
}

func (d *depot) new() *spool { return &spool{depot: d} }

// Write appends.
func (s *spool) Write(p []byte) (int, error) {
	if s.file == nil && !s.fits(len(p)) {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	if s.file != nil {
		if _, err := s.file.WriteAt(p, s.size); err == nil {
			s.size += int64(len(p))
			return len(p), nil
		}
		if err := s.unspill(); err != nil {
			return 0, err
		}
	}
	s.grow(len(p))
	s.buf = append(s.buf, p...)
	s.size += int64(len(p))
	return len(p), nil
}

func (s *spool) fits(more int) bool {
	if s.depot.bad.Load() {
		return true
	}
	return s.size+int64(more) <= spoolEach && s.depot.used.Load()+int64(more) <= spoolAll
}

// grow keeps the account of memory while append would reallocate.
func (s *spool) grow(more int) {
	before := cap(s.buf)
	if len(s.buf)+more > before {
		bigger := make([]byte, len(s.buf), max(2*before, len(s.buf)+more, 4096))
		copy(bigger, s.buf)
		s.buf = bigger
		s.depot.used.Add(int64(cap(s.buf) - before))
	}
}

// expect makes room for a body whose size is announced.
func (s *spool) expect(size int64) {
	if size > 0 && size <= spoolEach && s.file == nil && s.fits(int(size)) {
		s.grow(int(size))
	}
}

// spill moves what there is to a temporary file. Where none can be made, the
// body stays in memory: a read-only image has no place for files.
func (s *spool) spill() error {
	file, err := createTemp(s.depot.dir)
	if err != nil {
		s.depot.bad.Store(true)
		return nil
	}
	if _, err := file.WriteAt(s.buf, 0); err != nil {
		discard(file)
		s.depot.bad.Store(true) // a full disk
		return nil
	}
	s.free()
	s.file = file
	return nil
}

// unspill takes a body back into memory when the disk has become full.
func (s *spool) unspill() error {
	s.depot.bad.Store(true)
	buf := make([]byte, s.size)
	if _, err := s.file.ReadAt(buf, 0); err != nil && err != io.EOF {
		return err
	}
	discard(s.file)
	s.file, s.buf = nil, buf
	s.depot.used.Add(int64(cap(buf)))
	return nil
}

func (s *spool) free() {
	s.depot.used.Add(-int64(cap(s.buf)))
	s.buf = nil
}

// reset empties the spool, to begin anew.
func (s *spool) reset() error {
	s.size, s.unread = 0, false
	s.buf = s.buf[:0]
	if s.file == nil {
		return nil
	}
	return s.file.Truncate(0)
}

// ReadAt makes a complete spool an [io.ReaderAt].
func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	buf, file := s.buf, s.file
	s.mu.Unlock()
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

// reader reads the whole body from its beginning.
func (s *spool) reader() *io.SectionReader { return io.NewSectionReader(s, 0, s.size) }

// length is the size; nil is a body of no bytes.
func (s *spool) length() int64 {
	if s == nil {
		return 0
	}
	return s.size
}

// head returns at most n bytes of the beginning.
func (s *spool) head(n int64) []byte {
	p := make([]byte, min(n, s.size))
	got, _ := s.ReadAt(p, 0)
	return p[:got]
}

// bytes returns the whole body; only for what is known to be small.
func (s *spool) bytes() []byte { return s.head(s.size) }

// close gives the room back. Nil is a body of no bytes. The size stays: whoever
// reads on comes to an early end, and takes it for no whole body.
func (s *spool) close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free()
	if s.file != nil {
		discard(s.file)
		s.file = nil
	}
}
