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
func (o Outputs) Text() (text string) {
	if text = o.Err.Said().Text; o.Out != o.Err {
		text += o.Out.Said().Text
	}
	return text
}

// Said returns what came of an output so far, also of one that is nil.
func (o *Output) Said() (s Said) {
	if o != nil {
		s = o.to.state()
	}
	return s
}
