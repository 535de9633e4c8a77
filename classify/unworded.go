package classify

import "strings"

// unworded reads `Get "URL": words` where no signature knows the words: net/http
// reports the refusal of an HTTP proxy by nothing but the words it was given.
func (s *statement) unworded() (reading, bool) {
	i := strings.LastIndex(s.text[:s.bodyAt()], `": `)
	if i < 0 {
		return reading{}, false
	}
	a, ok := s.addressBefore(i)
	if _, known := moduleOf(a.url); !ok || !known || a.end != i || !strings.HasSuffix(s.text[:a.start], `Get "`) || !s.anchored(i) {
		return reading{}, false
	}
	words := s.lineOf(i)
	words = words[strings.LastIndex(words, `": `)+3:]
	f, ok := guess(words)
	if !ok {
		return reading{}, false
	}
	r := reading{Failure: f}
	s.place(&r.Failure, hit{start: i, end: i})
	s.name(&r, i)
	r.Evidence = s.evidence(i)
	return r, true
}

// guess says what unknown words after an address mean. An HTTP proxy's own
// words have no colon, since they are all of its status line; what net/http
// and the layers below say names the layer first.
func guess(words string) (Failure, bool) {
	low := strings.ToLower(words)
	switch {
	case words == "" || len(words) > 300:
		return Failure{}, false
	case !strings.Contains(words, ":") && len(words) <= 80:
		return Failure{Class: HTTPProxy, Kind: "words"}, true
	case strings.Contains(low, "timeout"), strings.Contains(low, "timed out"):
		return Failure{Class: Timeout, Kind: "words", Transient: true}, true
	case strings.Contains(low, "malformed"), strings.Contains(low, "header"):
		return Failure{Class: BadContent, Kind: "words", Transient: true}, true
	case strings.Contains(low, "http: "), strings.Contains(low, "connection"):
		return Failure{Class: Reset, Kind: "words", Transient: true}, true
	}
	return Failure{}, false
}
