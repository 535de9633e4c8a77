package wording

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// A Verdict says how bad something is that was looked at.
type Verdict string

// The verdicts.
const (
	OK   Verdict = "ok"   // as it should be
	Note Verdict = "note" // worth knowing
	Warn Verdict = "warn" // will hurt some day
	Fail Verdict = "fail" // some go command will fail
)

// A Style says how verdicts look. Colour and symbols are for terminals only,
// and NO_COLOR (https://no-color.org) turns the colour off.
type Style struct {
	symbols bool
	colour  bool
}

// StyleFor is the style of a stream, in an environment.
func StyleFor(w io.Writer, getenv func(string) string) Style {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return Style{}
	}
	return Style{symbols: true, colour: getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"}
}

func (v Verdict) looks() (symbol, colour string) {
	switch v {
	case OK:
		return "✓", "32"
	case Note:
		return "·", "36"
	case Warn:
		return "!", "33"
	}
	return "✗", "31"
}

// Mark is the verdict as it stands before a line.
func (s Style) Mark(v Verdict) string {
	symbol, colour := v.looks()
	text := fmt.Sprintf("%-4s", v)
	if s.symbols {
		text = symbol
	}
	if s.colour {
		text = "\x1b[" + colour + "m" + text + "\x1b[m"
	}
	return text
}
