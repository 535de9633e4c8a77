package prefetch

import (
	"errors"
	"io/fs"

	"github.com/gosteady/gosteady/internal/upstream"
)

// A Result is a file or why there is none, for all who wait for it: what
// [upstream.Client.Fetch] has returned, as a value. Each of them holds it, and releases
// it once.
type Result struct {
	File *upstream.File
	Err  error
}

// Good reports whether there is a file.
func (r Result) Good() bool { return r.Err == nil }

// Failure is why there is none; nil if there is, and for what nobody waited for.
func (r Result) Failure() *upstream.Error {
	var e *upstream.Error
	errors.As(r.Err, &e)
	return e
}

// Cancelled reports whether nobody waited for it any more.
func (r Result) Cancelled() bool { return r.Err != nil && r.Failure() == nil }

// Missing reports whether there is no such file, as the upstream says.
func (r Result) Missing() bool { return errors.Is(r.Err, fs.ErrNotExist) }

// Lasts reports whether the result may wait for go. What was given up for want of budget,
// go may yet get: meanwhile others have come to their end.
func (r Result) Lasts() bool {
	e := r.Failure()
	return r.Good() || e != nil && !e.Limited
}

// Hold is for one more who may read the body.
func (r Result) Hold() Result {
	r.AnyFile().Hold()
	return r
}

// Release gives the result back.
func (r Result) Release() { r.AnyFile().Release() }

// Size is that of the body.
func (r Result) Size() int64 {
	if f := r.AnyFile(); f != nil {
		return f.Body.Size()
	}
	return 0
}

// AnyFile is the file, or the one that was no good.
func (r Result) AnyFile() *upstream.File {
	if e := r.Failure(); e != nil {
		return e.File
	}
	return r.File
}
