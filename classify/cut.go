package classify

import (
	"strings"
	"sync"
)

// leastCut is how much of a wording must be there to complete it.
const leastCut = 5

// complete adds the signature that the end of a log was cut within: the tail
// that a notification or a form kept ends where it likes. It has to be the only
// one that goes on so.
func (s *statement) complete() bool {
	if !letter(s.text[len(s.text)-1]) {
		return false
	}
	tail := squeeze(s.text[max(0, len(s.text)-mostTail):])
	best, length := -1, leastCut-1
	for id := range signatures() {
		sig := &signatures()[id]
		if sig.role != cause && sig.role != strong {
			continue
		}
		n := overlap(tail, sig.text, squeezed()[id])
		switch {
		case n > length:
			best, length = id, n
		case n == length && best >= 0 && (sig.class != signatures()[best].class || sig.kind != signatures()[best].kind):
			best = -1
		}
	}
	if best < 0 {
		return false
	}
	h := hit{id: best, start: table().back(s.text, len(s.text)-1, length), end: len(s.text)}
	if !s.applies(h) {
		return false
	}
	s.hits = append(s.hits, h)
	return true
}

// mostCuts bounds how often that is done for a log.
const mostCuts = 100

// ends reports whether a log, or a part of it, may have been cut before a line.
func (r *reader) ends(next int) bool {
	if next == len(r.lines) {
		return true
	}
	if r.lines[next].text != "" || r.cuts == mostCuts {
		return false
	}
	r.cuts++
	return true
}

// mostTail is longer than every wording.
const mostTail = 100

// squeeze takes away white space, which does not count in wordings.
func squeeze(s string) string { return blanks.Replace(s) }

var blanks = strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "")

// squeezed are the wordings of the signatures without their spaces.
var squeezed = sync.OnceValue(func() []string {
	texts := make([]string, len(signatures()))
	for i, sig := range signatures() {
		texts[i] = squeeze(sig.text)
	}
	return texts
})

// overlap returns how much of the beginning of a wording ends a text, white
// space and marks before it apart, where the cut lies within a word: a whole
// one may be meant.
func overlap(text, wording, short string) int {
	short = strings.TrimLeft(short, `:"'.,()/`)
	for n := min(len(text), len(short)-1); n >= leastCut; n-- {
		if strings.HasSuffix(text, short[:n]) && letter(short[n-1]) && strings.Contains(wording, short[n-1:n+1]) {
			return n
		}
	}
	return 0
}
