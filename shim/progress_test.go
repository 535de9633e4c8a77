package shim

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/relay"
)

func TestMeter(t *testing.T) {
	start := time.Unix(1700000000, 0)
	const mib = 1 << 20
	steps := []struct {
		after time.Duration
		p     relay.Progress
		want  string
	}{
		{0, relay.Progress{}, ""},
		{time.Second, relay.Progress{Total: 4}, ""},
		{2 * time.Second, relay.Progress{Total: 4, Bytes: mib}, ""}, // it begins
		{4 * time.Second, relay.Progress{Total: 4, Bytes: 2 * mib, Done: 1}, ""},
		{5 * time.Second, relay.Progress{Total: 4, Bytes: 5 * mib, Done: 1}, "gosteady: 1/4 modules, 5.0 MiB, 1.0 MiB/s"},
		{6 * time.Second, relay.Progress{Bytes: 7 * mib, Done: 2}, "gosteady: 2 modules, 7.0 MiB, 1.4 MiB/s"},
		{20 * time.Second, relay.Progress{Total: 4, Bytes: 7 * mib, Done: 2, Waiting: "m@v1 (http2)"},
			"gosteady: 2/4 modules, 7.0 MiB, retrying m@v1 (http2)"},
		{30 * time.Second, relay.Progress{Total: 4, Bytes: 7 * mib, Done: 3}, "gosteady: 3/4 modules, 7.0 MiB"},
		{40 * time.Second, relay.Progress{Total: 4, Bytes: 7 * mib, Done: 4}, ""},
	}
	var m meter
	for _, step := range steps {
		if got := m.line(step.p, start.Add(step.after)); got != step.want {
			t.Errorf("after %v: %q, want %q", step.after, got, step.want)
		}
	}
}

func TestSummary(t *testing.T) {
	long := relay.Progress{Done: 12, Bytes: 3 << 20, Took: 34 * time.Second}
	if got, want := summary(long), "downloaded 12 modules, 3.0 MiB in 34s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, p := range []relay.Progress{{}, {Done: 12, Took: 9 * time.Second}, {Took: time.Minute}} {
		if got := summary(p); got != "" {
			t.Errorf("%+v: %q", p, got)
		}
	}
}

// onScreen is what a terminal shows of what was written, line by line.
func onScreen(written string) string {
	var lines []string
	for line := range strings.SplitSeq(written, "\n") {
		if i := strings.LastIndex(line, "\r"); i >= 0 {
			line = strings.Replace(line[i+1:], "\x1b[K", "", 1)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestScreen(t *testing.T) {
	tests := []struct {
		name string
		do   func(s *screen, say func(string))
		want string
	}{
		{"drawn over", func(s *screen, say func(string)) { s.draw("one"); s.draw("two") }, "two"},
		{"too long for the terminal", func(s *screen, say func(string)) { s.draw("0123456789012345") }, "012345678"},
		{"in many letters", func(s *screen, say func(string)) { s.draw(strings.Repeat("ü", 20)) }, strings.Repeat("ü", 9)},
		{"gone before a line", func(s *screen, say func(string)) { s.draw("status"); say("go: line\n") }, "go: line\n"},
		{"below the lines", func(s *screen, say func(string)) { say("go: line\n"); s.draw("status") }, "go: line\nstatus"},
		{"not behind a prompt", func(s *screen, say func(string)) { say("Password: "); s.draw("status") }, "Password: "},
		{"behind an answered prompt", func(s *screen, say func(string)) { say("Password: "); say("\n"); s.draw("status") }, "Password: \nstatus"},
		{"cleared", func(s *screen, say func(string)) { s.draw("status"); s.draw("") }, ""},
		{"no trace at the end", func(s *screen, say func(string)) { say("a\n"); s.draw("status"); s.end(); s.draw("late") }, "a\n"},
	}
	for _, tt := range tests {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		s := &screen{w: w, width: func() int { return 10 }}
		tt.do(s, func(text string) { s.write(w, []byte(text)) })
		w.Close()
		written, _ := io.ReadAll(r)
		r.Close()
		if got := onScreen(string(written)); got != tt.want {
			t.Errorf("%s: %q shows %q, want %q", tt.name, written, got, tt.want)
		}
	}
}

// Without a screen everything is written as it is.
func TestNoScreen(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var s *screen
	s.write(w, []byte("text"))
	s.end()
	w.Close()
	if got, _ := io.ReadAll(r); string(got) != "text" {
		t.Errorf("got %q", got)
	}
}
