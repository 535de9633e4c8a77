package mask

import (
	"io"
	"unicode/utf8"
)

// A Writer masks characters, whatever has been printed: the last line of defence, behind
// those who know what they print. Colours (as in "\x1b[31m") pass, which are gosteady's own.
type Writer struct {
	w    io.Writer
	rest []byte // the beginning of a character whose end was not yet written
}

// NewWriter returns a Writer, which its user flushes at the end.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	data := append(w.rest, p...)
	whole := len(data) - unfinished(data)
	w.rest = append([]byte(nil), data[whole:]...)
	if _, err := w.w.Write(coloured(data[:whole])); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes a character that was never finished, as the sign for one that is none.
func (w *Writer) Flush() error {
	if len(w.rest) == 0 {
		return nil
	}
	_, err := w.w.Write(coloured(w.rest))
	w.rest = nil
	return err
}

// unfinished is how many of the last bytes begin a character that goes on.
func unfinished(data []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(data); n++ {
		if last := data[len(data)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// coloured masks all but the sequences that set a colour.
func coloured(data []byte) []byte {
	var out []byte
	start := 0
	for i := 0; i < len(data); i++ {
		if n := colour(data[i:]); n > 0 {
			out = append(append(out, Characters(string(data[start:i]))...), data[i:i+n]...)
			i, start = i+n-1, i+n
		}
	}
	return append(out, Characters(string(data[start:]))...)
}

// colour is the length of the sequence that a text begins with: ESC, "[", digits, "m".
func colour(data []byte) int {
	if len(data) < 3 || data[0] != '\x1b' || data[1] != '[' {
		return 0
	}
	for i, c := range data[2:] {
		if c == 'm' {
			return i + 3
		}
		if c < '0' || c > '9' {
			return 0
		}
	}
	return 0
}
