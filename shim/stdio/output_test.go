package stdio

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// A tap runs an output between a pipe to write to and one to read from.
type tap struct {
	t   *testing.T
	p   *Printer
	o   *Output
	in  *os.File
	got chan string
}

// newTap is a tap with these options, and a printer to the same pipe.
func newTap(t *testing.T, opts Options) *tap {
	t.Helper()
	tp, r := between(t, opts)
	go func() {
		b, _ := io.ReadAll(r)
		tp.got <- string(b)
	}()
	return tp
}

// between is a tap of which nobody reads the far end yet.
func between(t *testing.T, opts Options) (tp *tap, r *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	opts.To = w
	p := &Printer{Err: w}
	o := p.Output(opts)
	if err := o.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.w.Close() })
	go o.read()
	return &tap{t: t, p: p, o: o, in: o.w, got: make(chan string, 1)}, r
}

// again has another run of the same command print lines.
func (tp *tap) again(opts Options, lines ...string) {
	o := tp.p.Output(opts)
	for _, line := range lines {
		o.line([]byte(line), false)
	}
}

func (tp *tap) write(s string) {
	tp.t.Helper()
	if _, err := tp.in.WriteString(s); err != nil {
		tp.t.Fatal(err)
	}
}

// end ends the child's side and returns all that was passed on.
func (tp *tap) end() string {
	tp.in.Close()
	tp.o.finish(time.Second, nil)
	return tp.all()
}

// all returns all that was passed on.
func (tp *tap) all() string {
	tp.p.Err.Close()
	return <-tp.got
}

func TestOutputPassesLinesAndPrompts(t *testing.T) {
	tp := newTap(t, Options{Rewrite: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("relay"), []byte("upstream")) }})
	text := "one relay\n\ntwo\x00\xff\nno end"
	tp.write(text)
	if got, want := tp.end(), strings.ReplaceAll(text, "relay", "upstream"); got != want {
		t.Errorf("passed on %q, want %q", got, want)
	}
}

func TestOutputHoldsFromTheFirstSuspect(t *testing.T) {
	suspect := func(b []byte) bool { return bytes.HasPrefix(b, []byte("bad")) }
	for _, heal := range []bool{true, false} {
		tp := newTap(t, Options{Suspect: suspect})
		tp.write("fine\nbad one\nafter\n")
		tp.in.Close()
		tp.o.finish(time.Second, nil)
		want := "fine\n"
		if heal {
			tp.o.to.drop()
		} else {
			tp.o.to.flush()
			want = "fine\nbad one\nafter\n"
		}
		if got := tp.all(); got != want {
			t.Errorf("healed %v: passed on %q, want %q", heal, got, want)
		}
	}
}

func TestOutputHoldIsBounded(t *testing.T) {
	tp := newTap(t, Options{Hold: 10})
	tp.write("12345678\n")
	tp.write("12345678\n")
	tp.write("more\n")
	if got := tp.end(); got != "12345678\n12345678\nmore\n" {
		t.Errorf("passed on %q", got)
	}
	if said := tp.o.Said(); !said.Visible || !said.Overflowed {
		t.Error("what was written out does not count as seen")
	}
}

func TestOutputSaysProgressOnceOverRuns(t *testing.T) {
	const line = "go: downloading example.com/m v1.0.0\n"
	tp := newTap(t, Options{Progress: true})
	tp.write(line + line) // one run may say it twice, as mod tidy does
	tp.in.Close()
	tp.o.finish(time.Second, nil)
	tp.again(Options{Progress: true}, line, line, line)
	if got := tp.all(); strings.Count(got, line) != 3 {
		t.Errorf("passed on %q", got)
	}
	if tp.o.Said().Visible {
		t.Error("go's progress counts as a result")
	}
}

func TestOutputSaysOnceWhatItSwitchesTo(t *testing.T) {
	const line = "go: updating go.mod requires go >= 1.99.1; switching to go1.99.1\n"
	tp := newTap(t, Options{Progress: true})
	tp.again(Options{Progress: true}, line) // a warming step, for nobody
	tp.write(line)
	tp.in.Close()
	tp.o.finish(time.Second, nil)
	tp.again(Options{Progress: true, To: tp.p.Err}, line)
	if got := tp.all(); got != line {
		t.Errorf("passed on %q", got)
	}
	if tp.o.Said().Visible {
		t.Error("go's news counts as a result")
	}
}

// TestOutputHoldsNewsInItsPlace: news that comes while lines are held does not overtake
// them. If they are dropped, the next run switches again, and does not download again.
func TestOutputHoldsNewsInItsPlace(t *testing.T) {
	const (
		before     = "bad: go: trying upgrade to example.net/b@v0.1.0\n"
		switches   = "go: module ./b1 requires go >= 1.22.0; switching to go1.22.9\n"
		downloads  = "go: downloading example.com/m v1.0.0\n"
		afterwards = "go: added example.net/b v0.1.0\n"
	)
	suspect := func(line []byte) bool { return bytes.HasPrefix(line, []byte("bad")) }
	for _, heal := range []bool{true, false} {
		tp := newTap(t, Options{Suspect: suspect, Progress: true})
		want := before + switches + downloads + before + afterwards
		tp.write(want)
		tp.in.Close()
		tp.o.finish(time.Second, nil)
		if heal {
			tp.o.to.drop()
			tp.again(Options{Progress: true, To: tp.p.Err}, before, switches, before, afterwards)
			want = downloads + before + switches + before + afterwards
		} else {
			tp.o.to.flush()
		}
		if got := tp.all(); got != want {
			t.Errorf("healed %v: passed on\n%swant\n%s", heal, got, want)
		}
	}
}

// TestOutputTellsAtOnceWhatNothingIsInFrontOf: lines that are held for nobody, as of a
// warming step, are in nobody's way.
func TestOutputTellsAtOnceWhatNothingIsInFrontOf(t *testing.T) {
	const downloads = "go: downloading example.com/m v1.0.0\n"
	tp := newTap(t, Options{})
	tp.again(Options{Progress: true, Suspect: func([]byte) bool { return true }}, "bad\n", downloads)
	if got := tp.end(); got != downloads {
		t.Errorf("passed on %q", got)
	}
}

func TestOutputVisible(t *testing.T) {
	tp := newTap(t, Options{})
	tp.write("result\n")
	tp.end()
	if !tp.o.Said().Visible {
		t.Error("a result does not count as seen")
	}
}

func TestOutputDoesNotWaitForGrandchildren(t *testing.T) {
	tp := newTap(t, Options{})
	tp.write("done\n")
	begun := time.Now()
	tp.o.finish(50*time.Millisecond, nil) // the writing end stays open, as in a grandchild
	if d := time.Since(begun); d > 5*time.Second {
		t.Errorf("waited %v", d)
	}
	if got := tp.all(); got != "done\n" {
		t.Errorf("passed on %q", got)
	}
}

// TestOutputSlowReader: what the child has written before its end is passed on,
// however long that takes.
func TestOutputSlowReader(t *testing.T) {
	tp, r := between(t, Options{}) // its writing end stays open, as in a grandchild
	want := strings.Repeat("a line of thirty-two characters\n", 6000)
	go func() {
		tp.in.WriteString(want)
		tp.o.finish(20*time.Millisecond, nil)
		tp.p.Err.Close()
	}()
	var got bytes.Buffer
	for buf := make([]byte, 4096); ; time.Sleep(5 * time.Millisecond) {
		n, err := r.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if got.String() != want {
		t.Errorf("%d bytes of %d", got.Len(), len(want))
	}
}

// TestOutputUnread: who is asked to end does not wait for a reader.
func TestOutputUnread(t *testing.T) {
	tp, _ := between(t, Options{})
	written := make(chan struct{})
	go func() {
		tp.in.WriteString(strings.Repeat("xxxxxxx\n", 1<<17)) // pipes have no deadlines on Windows
		close(written)
	}()
	select {
	case <-written:
		t.Fatal("somebody reads all of it")
	case <-time.After(200 * time.Millisecond):
	}
	stop := make(chan struct{})
	close(stop)
	if tp.o.finish(50*time.Millisecond, stop) {
		t.Error("nothing was left unread")
	}
}

func TestOutputEvidenceKeepsTheEnd(t *testing.T) {
	s := &buffer{}
	for range 3 * maxEvidence / 1000 {
		s.remember(bytes.Repeat([]byte("x"), 1000))
	}
	s.remember([]byte("last"))
	if len(s.evidence) > maxEvidence || !bytes.HasSuffix(s.evidence, []byte("last")) {
		t.Errorf("kept %d bytes", len(s.evidence))
	}
}
