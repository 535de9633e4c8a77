package stdio

import (
	"os"
	"time"
)

// Outputs are those streams of one child that we read. The zero value is none; both are
// the same output where both are one open file.
type Outputs struct{ Out, Err *Output }

// each calls f with each output.
func (o Outputs) each(f func(*Output)) {
	if o.Out != nil {
		f(o.Out)
	}
	if o.Err != nil && o.Err != o.Out {
		f(o.Err)
	}
}

// Open puts pipes in the place of those of a child's files that we read.
func (o Outputs) Open(files *[3]*os.File) (err error) {
	o.each(func(out *Output) {
		if err == nil {
			err = out.open()
		}
	})
	if err != nil {
		o.Abandon()
		return err
	}
	if o.Out != nil {
		files[1] = o.Out.w
	}
	if o.Err != nil {
		files[2] = o.Err.w
	}
	return nil
}

// Abandon ends what was opened for a child that never started.
func (o Outputs) Abandon() {
	o.each(func(out *Output) { out.r.Close(); out.w.Close() })
}

// Read reads until Finish, now that the child has its ends.
func (o Outputs) Read() {
	o.each(func(out *Output) {
		out.w.Close()
		go out.read()
	})
}

// drainTime is how long we wait for more output after the child has ended: a
// grandchild may hold the pipe open for ever (go doc -http).
const drainTime = 100 * time.Millisecond

// Finish waits until all that the child wrote before its end was read and passed on.
// Once stop is closed, it does not wait for those who read that; it reports false if
// something was left behind for them, and then nothing that writes may be waited for
// any more.
func (o Outputs) Finish(stop <-chan struct{}) bool {
	all := true
	o.each(func(out *Output) { all = out.finish(drainTime, stop) && all })
	return all
}

// Flush writes out what is held.
func (o Outputs) Flush() { o.each(func(out *Output) { out.to.flush() }) }

// Drop forgets what is held and what was read.
func (o Outputs) Drop() { o.each(func(out *Output) { out.to.drop() }) }

// Text is the end of what the child has said.
func (o Outputs) Text() string {
	if o.Out == o.Err {
		return o.Err.Text()
	}
	return o.Err.Text() + o.Out.Text()
}

// LostReader reports whether somebody did not read all of it.
func (o Outputs) LostReader() (lost bool) {
	o.each(func(out *Output) { lost = lost || out.to.written().lost })
	return lost
}

// Text is the end of what the stream has said.
func (o *Output) Text() string {
	if o == nil {
		return ""
	}
	return o.to.text()
}

// Visible reports whether anything that counts as a result was passed on.
func (o *Output) Visible() bool { return o != nil && o.to.written().wrote }

// Overflowed reports whether more was held than may be, so that a part of it was seen.
func (o *Output) Overflowed() bool { return o != nil && o.to.overflowed() }

// Written returns how much was passed on, and the error at which that ended, if its
// reader is not the reason.
func (o *Output) Written() (int64, error) {
	if o == nil {
		return 0, nil
	}
	f := o.to.written()
	return f.size, f.fault
}
