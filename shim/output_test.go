package shim

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
	o   *output
	in  *os.File
	got chan string
	dst *os.File
}

func newTap(t *testing.T, o *output) *tap {
	t.Helper()
	in, r := between(t, o)
	tp := &tap{t: t, o: o, in: in, dst: o.to.dst, got: make(chan string, 1)}
	go func() {
		b, _ := io.ReadAll(r)
		tp.got <- string(b)
	}()
	return tp
}

// between runs an output between two pipes, and returns their far ends.
func between(t *testing.T, o *output) (in, r *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o.to.dst = w
	if in, err = o.pipe(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	go o.read()
	return in, r
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
	tp.dst.Close()
	return <-tp.got
}

func TestOutputPassesLinesAndPrompts(t *testing.T) {
	tp := newTap(t, &output{rewrite: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("relay"), []byte("upstream")) }})
	text := "one relay\n\ntwo\x00\xff\nno end"
	tp.write(text)
	if got, want := tp.end(), strings.ReplaceAll(text, "relay", "upstream"); got != want {
		t.Errorf("passed on %q, want %q", got, want)
	}
}

func TestOutputHoldsFromTheFirstSuspect(t *testing.T) {
	suspect := func(b []byte) bool { return bytes.HasPrefix(b, []byte("bad")) }
	for _, heal := range []bool{true, false} {
		tp := newTap(t, &output{to: sink{suspect: suspect}})
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
		tp.dst.Close()
		if got := <-tp.got; got != want {
			t.Errorf("healed %v: passed on %q, want %q", heal, got, want)
		}
	}
}

func TestOutputHoldIsBounded(t *testing.T) {
	tp := newTap(t, &output{to: sink{hold: 10}})
	tp.write("12345678\n")
	tp.write("12345678\n")
	tp.write("more\n")
	if got := tp.end(); got != "12345678\n12345678\nmore\n" {
		t.Errorf("passed on %q", got)
	}
	if !tp.o.to.visible() || !tp.o.to.visibleSpill() {
		t.Error("what was written out does not count as seen")
	}
}

func TestOutputSaysProgressOnceOverRuns(t *testing.T) {
	const line = "go: downloading example.com/m v1.0.0\n"
	tp := newTap(t, &output{})
	tp.o.news = newNews(tp.dst)
	tp.write(line + line) // one run may say it twice, as mod tidy does
	again := &output{news: tp.o.news}
	again.line([]byte(line), false)
	again.line([]byte(line), false)
	again.line([]byte(line), false)
	if got := tp.end(); strings.Count(got, line) != 3 {
		t.Errorf("passed on %q", got)
	}
	if tp.o.to.visible() {
		t.Error("go's progress counts as a result")
	}
}

func TestOutputSaysOnceWhatItSwitchesTo(t *testing.T) {
	const line = "go: updating go.mod requires go >= 1.99.1; switching to go1.99.1\n"
	tp := newTap(t, &output{})
	tp.o.news = newNews(tp.dst)
	warming := &output{news: tp.o.news}
	warming.line([]byte(line), false)
	tp.write(line)
	again := &output{news: tp.o.news, to: sink{dst: tp.dst}}
	again.line([]byte(line), false)
	if got := tp.end(); got != line {
		t.Errorf("passed on %q", got)
	}
	if tp.o.to.visible() {
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
		tp := newTap(t, &output{to: sink{suspect: suspect}})
		tp.o.news = newNews(tp.dst)
		want := before + switches + downloads + before + afterwards
		tp.write(want)
		tp.in.Close()
		tp.o.finish(time.Second, nil)
		if heal {
			tp.o.to.drop()
			again := &output{news: tp.o.news, to: sink{dst: tp.dst}}
			for _, line := range []string{before, switches, before, afterwards} {
				again.line([]byte(line), false)
			}
			want = downloads + before + switches + before + afterwards
		} else {
			tp.o.to.flush()
		}
		tp.dst.Close()
		if got := <-tp.got; got != want {
			t.Errorf("healed %v: passed on\n%swant\n%s", heal, got, want)
		}
	}
}

// TestOutputTellsAtOnceWhatNothingIsInFrontOf: lines that are held for nobody, as of a
// warming step, are in nobody's way.
func TestOutputTellsAtOnceWhatNothingIsInFrontOf(t *testing.T) {
	const downloads = "go: downloading example.com/m v1.0.0\n"
	tp := newTap(t, &output{})
	warming := &output{news: newNews(tp.dst), to: sink{suspect: func([]byte) bool { return true }}}
	warming.line([]byte("bad\n"), false)
	warming.line([]byte(downloads), false)
	if got := tp.end(); got != downloads {
		t.Errorf("passed on %q", got)
	}
}

func TestOutputVisible(t *testing.T) {
	tp := newTap(t, &output{})
	tp.write("result\n")
	tp.end()
	if !tp.o.to.visible() {
		t.Error("a result does not count as seen")
	}
}

func TestOutputDoesNotWaitForGrandchildren(t *testing.T) {
	tp := newTap(t, &output{})
	tp.write("done\n")
	begun := time.Now()
	tp.o.finish(50*time.Millisecond, nil) // the writing end stays open, as in a grandchild
	if d := time.Since(begun); d > 5*time.Second {
		t.Errorf("waited %v", d)
	}
	tp.dst.Close()
	if got := <-tp.got; got != "done\n" {
		t.Errorf("passed on %q", got)
	}
}

// TestOutputSlowReader: what the child has written before its end is passed on,
// however long that takes.
func TestOutputSlowReader(t *testing.T) {
	o := &output{}
	in, r := between(t, o) // in stays open, as in a grandchild
	want := strings.Repeat("a line of thirty-two characters\n", 6000)
	go func() {
		in.WriteString(want)
		o.finish(20*time.Millisecond, nil)
		o.to.dst.Close()
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
	o := &output{}
	in, _ := between(t, o)
	written := make(chan struct{})
	go func() {
		in.WriteString(strings.Repeat("xxxxxxx\n", 1<<17)) // pipes have no deadlines on Windows
		close(written)
	}()
	select {
	case <-written:
		t.Fatal("somebody reads all of it")
	case <-time.After(200 * time.Millisecond):
	}
	stop := make(chan struct{})
	close(stop)
	if o.finish(50*time.Millisecond, stop) {
		t.Error("nothing was left unread")
	}
}

func TestOutputEvidenceKeepsTheEnd(t *testing.T) {
	s := &sink{}
	for range 3 * maxEvidence / 1000 {
		s.remember(bytes.Repeat([]byte("x"), 1000))
	}
	s.remember([]byte("last"))
	if len(s.evidence) > maxEvidence || !bytes.HasSuffix(s.evidence, []byte("last")) {
		t.Errorf("kept %d bytes", len(s.evidence))
	}
}
