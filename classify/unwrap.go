package classify

import "strings"

// unwrap joins the pieces of a line that a console or a person broke, until
// they say what happened. Pieces that lead nowhere are left alone.
func (s *statement) unwrap(lines []line, i int) {
	if s.decided() || framed(s.text) || !s.open() {
		return
	}
	was := *s
	for n := 1; n <= mostWrapped && s.next < len(lines) && len(s.text) < mostBytes; n++ {
		l := lines[s.next]
		if l.text == "" || l.theirs || opens(l.text) || strings.HasPrefix(l.text, "- ") || len(lines[s.next-1].text) < 50 && !breaks(lines[s.next-1].text) {
			break
		}
		s.add(l.text, s.joint(lines[i], lines[s.next-1], l))
		s.next++
		s.hits, s.signs = nil, [signs]int{}
		s.take(0)
		if s.decided() || framed(s.text) {
			return
		}
		if s.shaped() {
			was = *s
		}
	}
	*s = was
}

// shaped reports whether the form of the error tells what it is about.
func (s *statement) shaped() bool {
	for _, h := range s.hits {
		if signatures()[h.id].role == shape && s.applies(h) {
			return true
		}
	}
	return false
}

// framed reports whether a text ends where what git said begins.
func framed(text string) bool {
	frame, ok := strings.CutSuffix(text, ":")
	return ok && strings.HasSuffix(strings.TrimRight(frame, "0123456789"), ": exit status ")
}

// joint is what stood between two pieces: a space where a person indented the
// second one or the break fell on it, nothing where a console broke a word, an
// address or a version.
func (s *statement) joint(head, last, l line) string {
	token := s.text[strings.LastIndexAny(s.text, " \n\"(")+1:]
	if (strings.Contains(token, "://") || strings.Contains(token, "@v")) && word(token[len(token)-1]) && goesOn(l.text) {
		return ""
	}
	if l.indent > 0 && l.indent != head.indent || strings.HasPrefix(l.text, `"`) || strings.HasSuffix(last.text, ":") && !strings.HasPrefix(l.text, "/") {
		return " "
	}
	return ""
}

// goesOn reports whether a line begins as the rest of an address would.
func goesOn(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	return word(first[0]) && strings.ContainsAny(first, "/.@-_:\"")
}

// breaks reports whether a line ends as if it went on.
func breaks(text string) bool {
	return strings.HasSuffix(text, ":") || strings.HasSuffix(text, " failed") || strings.HasSuffix(text, ": read") || strings.HasSuffix(text, ": reading") || strings.HasSuffix(text, ": Get")
}

// grows joins the pieces of the last line, if a console broke it.
func (s *statement) grows(lines []line) bool {
	was := s.next
	s.unwrap(lines, s.next-1)
	return s.next > was
}
