package stdio

import (
	"io"
	"os"
	"strings"
	"testing"
)

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

func TestStatusLine(t *testing.T) {
	tests := []struct {
		name string
		do   func(s *StatusLine, say func(string))
		want string
	}{
		{"drawn over", func(s *StatusLine, say func(string)) { s.draw("one"); s.draw("two") }, "two"},
		{"too long for the terminal", func(s *StatusLine, say func(string)) { s.draw("0123456789012345") }, "012345678"},
		{"in many letters", func(s *StatusLine, say func(string)) { s.draw(strings.Repeat("ü", 20)) }, strings.Repeat("ü", 9)},
		{"gone before a line", func(s *StatusLine, say func(string)) { s.draw("status"); say("go: line\n") }, "go: line\n"},
		{"below the lines", func(s *StatusLine, say func(string)) { say("go: line\n"); s.draw("status") }, "go: line\nstatus"},
		{"not behind a prompt", func(s *StatusLine, say func(string)) { say("Password: "); s.draw("status") }, "Password: "},
		{"behind an answered prompt", func(s *StatusLine, say func(string)) { say("Password: "); say("\n"); s.draw("status") }, "Password: \nstatus"},
		{"cleared", func(s *StatusLine, say func(string)) { s.draw("status"); s.draw("") }, ""},
		{"no trace at the end", func(s *StatusLine, say func(string)) { say("a\n"); s.draw("status"); s.End(); s.draw("late") }, "a\n"},
	}
	for _, tt := range tests {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		s := &StatusLine{w: w, width: func() int { return 10 }}
		tt.do(s, func(text string) { s.write(w, []byte(text)) })
		w.Close()
		written, _ := io.ReadAll(r)
		r.Close()
		if got := onScreen(string(written)); got != tt.want {
			t.Errorf("%s: %q shows %q, want %q", tt.name, written, got, tt.want)
		}
	}
}

// Without a status line everything is written as it is.
func TestNoStatusLine(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var s *StatusLine
	s.write(w, []byte("text"))
	s.End()
	w.Close()
	if got, _ := io.ReadAll(r); string(got) != "text" {
		t.Errorf("got %q", got)
	}
}
