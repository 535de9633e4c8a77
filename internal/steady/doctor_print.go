package steady

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/gosteady/gosteady/internal/wording"
)

// A style says how verdicts look. Colour and symbols are for terminals only,
// and NO_COLOR (https://no-color.org) turns the colour off.
type style struct {
	symbols bool
	colour  bool
}

func styleFor(app *App) style {
	f, ok := app.Stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return style{}
	}
	return style{symbols: true, colour: app.Getenv("NO_COLOR") == "" && app.Getenv("TERM") != "dumb"}
}

var looks = map[verdict]struct{ symbol, colour string }{
	fine:    {"✓", "32"},
	note:    {"·", "36"},
	warning: {"!", "33"},
	failing: {"✗", "31"},
}

// mark is the verdict as it stands before a line.
func (s style) mark(v verdict) string {
	text := fmt.Sprintf("%-4s", v)
	if s.symbols {
		text = looks[v].symbol
	}
	if s.colour {
		text = "\x1b[" + looks[v].colour + "m" + text + "\x1b[m"
	}
	return text
}

// printChecks prints a heading for each area and a line for each check; what
// to type stands below, where there is something to do.
func printChecks(w io.Writer, checks []check, s style) {
	area := ""
	for _, c := range checks {
		if c.Area != area {
			if area != "" {
				fmt.Fprintln(w)
			}
			area = c.Area
			fmt.Fprintln(w, area)
		}
		fmt.Fprintf(w, "  %s  %s\n", s.mark(c.Verdict), wording.Line(c.Text))
		if c.Fix != "" {
			fmt.Fprintf(w, "        → %s\n", wording.Line(c.Fix))
		}
	}
}

// bare takes the prefix off a message that was made for stderr.
func bare(line string) string { return strings.TrimPrefix(line, "gosteady: ") }
