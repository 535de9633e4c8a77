package classify

import "strings"

// A line is one line of a log without what a console or a CI put before it.
type line struct {
	text   string // without prefixes, colours and indentation
	indent int    // columns of white space before text
	quoted int    // columns of white space before a mark of a quote that was removed
	theirs bool   // said by a test or a program of the user
}

// longest is how much of a line is read. Longer lines are not prose: bundles,
// encoded files.
const longest = 16 << 10

// logLines takes a log of any CI apart. Time is linear.
func logLines(log string) []line {
	lines := make([]line, 0, strings.Count(log, "\n")+1)
	for raw := range strings.Lines(log) {
		raw = strings.TrimRight(raw, "\r\n")
		if len(raw) > longest {
			raw = raw[:longest]
		}
		theirs := testEvent(raw)
		text := command(plain(raw))
		if message, ok := messages(text); ok {
			text = message
		} else if message, ok := logfmt(text); ok {
			text = message
		}
		for part := range strings.SplitSeq(unescape(text), "\n") {
			l := undress(part)
			l.theirs = theirs
			lines = append(lines, l)
		}
	}
	lines = uncolumn(undouble(lines))
	unjson(lines)
	return lines
}

// testEvent reports whether a line is a "go test -json" event that carries a
// test's output. What go itself has to say there is a build-output event.
func testEvent(raw string) bool {
	return strings.Contains(raw, `"Action":"output"`) && strings.Contains(raw, `"Package":"`)
}

// plain removes colours, other terminal sequences and what a carriage return
// has overwritten.
func plain(raw string) string {
	if i := strings.LastIndexByte(raw, '\r'); i >= 0 && strings.TrimSpace(raw[i:]) != "" {
		raw = raw[i+1:]
	}
	if strings.IndexByte(raw, 0x1b) < 0 {
		return raw
	}
	var b strings.Builder
	for i := 0; i < len(raw); {
		if raw[i] == 0x1b {
			i += sequence(raw[i:])
			continue
		}
		b.WriteByte(raw[i])
		i++
	}
	return b.String()
}

// sequence returns the length of the terminal sequence at the start of s.
func sequence(s string) int {
	if len(s) < 2 || s[1] != '[' {
		return min(2, len(s))
	}
	for i := 2; i < len(s); i++ {
		if s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1
		}
	}
	return len(s)
}

// undress removes what stands before a line that go printed: the time, the
// step of an image build, marks of quotes, labels of streams. What is removed
// does not count as indentation.
func undress(s string) line {
	var l line
	for range 8 {
		n := prefix(s)
		if n == 0 {
			break
		}
		if blank, _, ok := strings.Cut(s[:n], ">"); ok {
			l.quoted = max(l.quoted, len(blank))
		}
		s = s[n:]
	}
	body := strings.TrimLeft(s, " \t")
	for i := range len(s) - len(body) {
		if s[i] == '\t' {
			l.indent += 7
		}
		l.indent++
	}
	l.text = strings.TrimRight(body, " \t")
	return l
}

// prefix returns the length of one prefix at the start of s, 0 if there is none.
func prefix(s string) int {
	blank := len(s) - len(strings.TrimLeft(s, " \t"))
	t := s[blank:]
	if t == "" {
		return 0
	}
	if n := ornament(t); n > 0 {
		return blank + n
	}
	if n := label(t); n > 0 {
		return blank + n
	}
	if n := clock(t); n > 0 {
		return blank + n
	}
	if n := jobColumns(t); n > 0 {
		return blank + n
	}
	return 0
}

// labels stand before lines in logs of GitHub, GitLab, Azure, Bazel, Make and
// of tools that show another's streams.
var labels = []string{
	"##[error]", "##[warning]", "##[debug]", "::error::", "::warning::",
	"Error: ", "ERROR: ", "Error -  ", "stdout: ", "stderr: ", "stderr | ", "stdout | ", "[stderr] ", "[stdout] ",
	"b'", `b"`, // bytes of Python
	"\ufeff",
}

func label(t string) int {
	if strings.IndexByte("#:Es[b\xef", t[0]) < 0 {
		return 0
	}
	for _, word := range labels {
		if strings.HasPrefix(t, word) {
			return len(word)
		}
	}
	return 0
}

// ornament reads marks of quotes and frames, and the "#12 3.456 " of an image
// build. A bare "exit status 1" would be go run's, "[FATAL] exit status 1" is
// of a tool that runs go.
func ornament(t string) int {
	switch t[0] {
	case '>', '|':
		if len(t) > 1 && t[1] != ' ' && t[1] != '>' && t[1] != '\t' {
			return 1
		}
		return min(2, len(t))
	case '`', '*':
		n := len(t) - len(strings.TrimLeft(t, "`*"))
		if n < len(t) && (t[n] != ' ' || t[0] == '`') && t[n] != '.' {
			return n
		}
		return 0
	case '#':
		n := digits(t[1:])
		if n > 0 && len(t) > n+1 && t[n+1] == ' ' {
			return n + 2
		}
		return 0
	case '[':
		if end := strings.IndexByte(t, ']'); end > 0 && end < 40 && (t[1] < 'A' || t[1] > 'Z' || !strings.HasPrefix(t[end:], "] exit status ")) && strings.HasPrefix(t[end:], "] ") && !strings.Contains(t[:end], "@") {
			return end + 2
		}
		return 0
	}
	for _, frame := range []string{"│ ", "┃ ", "│", "┃"} {
		if strings.HasPrefix(t, frame) {
			return len(frame)
		}
	}
	return 0
}

// clock reads a time: "2026-05-04T11:22:33.123Z ", "[…] ", "11:22:33 ", or the
// seconds of an image build, "5.897 ".
func clock(t string) int {
	if t[0] < '0' || t[0] > '9' {
		return 0
	}
	n := 0
	for n < len(t) && (t[n] >= '0' && t[n] <= '9' || strings.IndexByte("-:.TZ+,/", t[n]) >= 0) {
		n++
	}
	word := t[:n]
	if n == len(t) || t[n] != ' ' && t[n] != '\t' {
		return 0
	}
	switch {
	case strings.Count(word, ":") >= 2:
		return n + 1 + streamLabel(t[n+1:])
	case len(word) == 10 && (word[4] == '-' || word[4] == '/'):
		return n + 1
	case strings.Count(word, ".") == 1 && len(word)-strings.IndexByte(word, '.') <= 4 && digits(word) > 0:
		return n + 1
	}
	return 0
}

// streamLabel reads GitLab's "00O " after a time.
func streamLabel(t string) int {
	if len(t) >= 4 && digits(t) == 2 && (t[2] == 'O' || t[2] == 'E') && (t[3] == ' ' || t[3] == '+') {
		return 4
	}
	return 0
}

// jobColumns reads "job<tab>step<tab>time " of "gh run view --log", and
// "service-1  | " of docker compose.
func jobColumns(t string) int {
	head := t[:min(len(t), 160)]
	if i := strings.IndexByte(head, '\t'); i > 0 {
		if j := strings.IndexByte(head[i+1:], '\t'); j > 0 {
			rest := strings.TrimPrefix(t[i+j+2:], "\ufeff")
			if rest != "" && clock(rest) > 20 {
				return len(t) - len(rest)
			}
		}
	}
	if i := strings.Index(head, " | "); i > 0 && i < 40 && !strings.ContainsAny(strings.TrimRight(head[:i], " "), " :@/\"") {
		return i + 3
	}
	return 0
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
