package tui

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/gosteady/gosteady/internal/console"
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
// NO_COLOR (https://no-color.org) turns the colour off, and a terminal whose locale
// is not UTF-8 gets ASCII alone. The zero value is for files and pipes.
type Style struct {
	symbols bool
	colour  bool
	ascii   bool
}

// StyleFor is the style of a stream, in an environment.
func StyleFor(w io.Writer, getenv func(string) string) Style {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return Style{}
	}
	ascii := !showsUnicode(getenv)
	return Style{symbols: !ascii, colour: getenv("NO_COLOR") == "" && getenv("TERM") != "dumb" && console.Draws(f), ascii: ascii}
}

// showsUnicode reports whether the locale's characters are UTF-8: of the variables, the
// first that is set counts, as in setlocale. Windows has no such variables.
func showsUnicode(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows"
}

// Colour reports whether the stream shows colours.
func (s Style) Colour() bool { return s.colour }

// Arrow stands before what to do about something.
func (s Style) Arrow() string {
	if s.ascii {
		return "->"
	}
	return "→"
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
