package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosteady/gosteady/classify"
	"github.com/gosteady/gosteady/internal/mask"
)

// A Problem is one thing that is wrong in a file or a variable.
type Problem struct {
	File    string `json:"file"`           // as a person in the working directory names it; or the variable
	Line    int    `json:"line,omitempty"` // 1-based; 0 in a variable
	Column  int    `json:"column,omitempty"`
	Key     string `json:"key,omitempty"` // with dots
	Text    string `json:"text"`          // what is wrong and what is allowed
	Warning bool   `json:"warning"`       // the rest of the file is used
	Layer   Layer  `json:"-"`
}

// Error is "file:line:column: key: text".
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(mask.Quote(p.File))
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Key != "" {
		b.WriteString(": " + p.Key)
	}
	b.WriteString(": " + p.Text)
	return b.String()
}

// An Ignored value would need this machine's trust.
type Ignored struct {
	Trust  string `json:"trust"` // what would have to be trusted: "proxy=https://…", "rotate"
	Reason string `json:"reason"`
	Origin Origin `json:"origin"`
}

// A File is one that was looked at.
type File struct {
	Path    string `json:"path"`
	Layer   Layer  `json:"layer"`
	Skipped string `json:"skipped,omitempty"` // why it was not used, "" if it was
}

// oneOf lists words for a person: "a, b or c".
func oneOf(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
}

// nearest returns the word that is closest to what was written, "" if none is
// close enough to be meant. A word that only was not finished is closest.
func nearest(written string, words []string) string {
	written = strings.ToLower(written)
	best, least := "", len(written)/2+1
	for _, w := range words {
		d := distance(written, w)
		if len(written) >= 2 && strings.HasPrefix(w, written) {
			d = 0
		}
		if d < least {
			best, least = w, d
		}
	}
	return best
}

// didYouMean is the hint for an unknown word, "" without a near one. Whoever writes an
// HTTP status means its class.
func didYouMean(written string, words []string) string {
	w := nearest(written, words)
	if status, err := strconv.Atoi(written); err == nil && status >= 400 && status < 600 {
		if class := string(classify.HTTP(status, "", false).Class); slices.Contains(words, class) {
			w = class
		}
	}
	if w == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %s?", w)
}

// distance counts the letters to insert, delete, replace or swap.
func distance(a, b string) int {
	if len(a) > 64 { // long nonsense is near to nothing, and costs
		return len(a)
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
