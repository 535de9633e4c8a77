package classify

import "strings"

// A statement is one error: the line that opens it and what belongs to it,
// such as git's output or the words of a server.
type statement struct {
	text  string     // the lines joined
	lines []int      // where each line begins in text
	hits  []hit      // the signatures in text that are no marks, the last ones if there are many
	signs [signs]int // where each sign stands first, plus 1
	next  int        // the first line after it
	pos   int        // the length of a source position at its start
	only  bool       // there is nothing else in the log
	known [2]int     // the length of text for which the second is where the first path@version ends
}

// These bound a statement, so that reading a log takes linear time.
const (
	mostLines   = 40
	mostBytes   = 16 << 10
	mostWrapped = 8 // pieces of one wrapped line
	mostHits    = 64
)

func (s *statement) add(text, joint string) {
	s.text += joint
	s.lines = append(s.lines, len(s.text))
	s.text += text
}

// statementAt reads the statement that line i opens.
func statementAt(lines []line, i int) *statement {
	head := lines[i]
	s := &statement{next: i + 1, only: len(lines) == 1}
	s.add(head.text, "")
	s.pos = position(head.text)
	s.take(0)
	s.unwrap(lines, i)
	s.follow(lines, head.indent)
	return s
}

// open reports whether the line so far is a failure of go that lacks its cause.
func (s *statement) open() bool {
	if news(s.text) {
		return false
	}
	if s.pos > 0 || strings.HasPrefix(s.text, "go: ") || strings.Contains(s.text, ": git ") || s.has(signURL, len(s.text)) || s.has(signSumDB, len(s.text)) {
		return true
	}
	return s.versioned(len(s.text)) || s.has(signGo, len(s.text)) && (strings.HasSuffix(s.text, " failed") || strings.Contains(s.text, ": "))
}

// news reports whether a line is go's own report of progress.
func news(text string) bool {
	for _, word := range []string{"go: downloading ", "go: finding ", "go: extracting ", "go: added ", "go: upgraded ", "go: found ", "go: creating ", "# get "} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return false
}

// decided reports whether something in the statement says what happened.
func (s *statement) decided() bool {
	for _, h := range s.hits {
		if weight(h) >= 2 && s.applies(h) {
			return true
		}
	}
	_, ok := s.status()
	return ok
}

// follow adds the lines that belong to the statement: what is indented deeper,
// what git says after go has named its command, what a server answered.
func (s *statement) follow(lines []line, indent int) {
	for len(s.lines) < mostLines && len(s.text) < mostBytes && s.next < len(lines) {
		l := lines[s.next]
		if l.text == "" || l.theirs {
			break
		}
		switch {
		case s.continues(l, indent):
			s.add(l.text, "\n")
		case s.tail(lines):
			s.add(l.text, "")
		case s.grows(lines):
			continue
		default:
			return
		}
		s.next++
		s.take(s.lines[len(s.lines)-1])
	}
}

// tail reports whether the next line is what a console broke off the last one:
// before the words of a server, or among them, where every full line is as
// long as the others.
func (s *statement) tail(lines []line) bool {
	last := len(lines[s.next-1].text)
	if last < 60 || opens(lines[s.next].text) {
		return false
	}
	if !s.has(signBody, len(s.text)) {
		return s.next+1 < len(lines) && answers(lines[s.next+1].text)
	}
	for i := s.next - 2; i >= 0 && i >= s.next-len(s.lines); i-- {
		if n := len(lines[i].text); n-last <= 8 && last-n <= 8 {
			return true
		}
	}
	return false
}

// take finds the signatures of the text from an offset on.
func (s *statement) take(from int) {
	for _, h := range table().all(s.text[from:]) {
		h.start += from
		h.end += from
		sig := &signatures()[h.id]
		if sig.role != mark {
			s.hits = append(s.hits, h)
		} else if s.signs[sig.sign] == 0 && h.end > s.pos && s.meant(h) {
			s.signs[sig.sign] = h.start + 1
		}
	}
	s.hits = s.hits[max(0, len(s.hits)-mostHits):]
}

func (s *statement) continues(l line, indent int) bool {
	if answers(l.text) {
		return true
	}
	if opens(l.text) || news(s.text) {
		return false
	}
	if l.indent > indent {
		return true
	}
	return s.has(signVCS, len(s.text)) && gitSays(l.text)
}

// opens reports whether a line begins an error of its own.
func opens(text string) bool {
	for _, word := range []string{"go: ", "go get ", "go get: ", "verifying ", "package ", "make", "FAIL", "ok  \t", "--- ", "=== ", "$ ", "+ ", "The command ", "npm ", "curl: ", "##", "Run ", "time=", "level="} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return position(text) > 0 || strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "##")
}

// answers reports whether a line can only continue an error of go.
func answers(text string) bool {
	for _, word := range []string{"server response:", "downloaded:", "go.sum:", "go.work.sum:", "sum.golang.org:", "module declares its path as:", "but was required as:"} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return false
}

func gitSays(text string) bool {
	for _, word := range []string{"fatal:", "error:", "remote:", "ssh:", "ERROR:", "git@", "Host key", "Permission denied", "Connection ", "kex_", "fetch-pack:", "Please make sure", "and the repository", "Cloning into", "Repository not found", "The project you were looking for", "client_loop", "Unable to negotiate", "Received disconnect", "Warning: Permanently added", "Confirm the import", "If this is a private"} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return strings.Contains(text, ": Permission denied (")
}

// has reports whether a sign stands left of an offset.
func (s *statement) has(what sign, before int) bool {
	return s.signs[what] > 0 && s.signs[what] <= before
}

// meant sorts out signs that are too short to be sure of by themselves.
func (s *statement) meant(h hit) bool {
	switch signatures()[h.id].sign {
	case signGo:
		return (h.start == 0 || !word(s.text[h.start-1])) && !s.cited(h)
	case signSumDB:
		around := s.text[h.start:min(len(s.text), h.start+mostEvidence)]
		return !strings.HasPrefix(around, "/lookup/") || strings.Contains(around, "@")
	}
	return true
}

// cited reports whether a hit is a command that prose names in quotes of its
// own: "`go mod download` no longer fails with …".
func (s *statement) cited(h hit) bool {
	if h.start > 0 && s.text[h.start-1] != '`' {
		return false
	}
	rest := s.text[h.start:]
	end := strings.IndexByte(rest, '`')
	return end > 0 && !strings.ContainsAny(rest[:end], ":\n")
}

// versioned reports whether path@version stands left of an offset.
func (s *statement) versioned(before int) bool {
	if s.known[0] != len(s.text) {
		s.known = [2]int{len(s.text), s.firstVersion()}
	}
	return s.known[1] > 0 && s.known[1] <= before
}

// firstVersion returns where the first path@version of the text ends, the
// source position apart; 0 if there is none.
func (s *statement) firstVersion() int {
	for rest := s.text[s.pos:]; len(rest) > 0; {
		var token string
		token, rest = nextToken(rest)
		if m, ok := moduleToken(token); ok && m.version != "" {
			return len(s.text) - len(rest) - 1 // the colon may begin a signature
		}
	}
	return 0
}

// word reports whether a byte belongs to a word or a path.
func word(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.' || b == '/'
}

// lineOf returns the line of the statement that an offset is in.
func (s *statement) lineOf(at int) string {
	start, end := 0, len(s.text)
	if i := strings.LastIndexByte(s.text[:at], '\n'); i >= 0 {
		start = i + 1
	}
	if i := strings.IndexByte(s.text[at:], '\n'); i >= 0 {
		end = at + i
	}
	return s.text[start:end]
}

// position returns the length of the source position "file.go:3:8: " at the
// start of a line, 0 if there is none.
func position(text string) int {
	i := strings.Index(text, ".go:")
	if i < 0 {
		return 0
	}
	at := i + len(".go:")
	for range 2 {
		n := digits(text[at:])
		if n == 0 || at+n >= len(text) || text[at+n] != ':' {
			return 0
		}
		at += n + 1
	}
	if strings.ContainsAny(text[:i], " \"'") {
		return 0
	}
	if at < len(text) && text[at] == ' ' {
		at++
	}
	return at
}
