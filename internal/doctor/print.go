package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/gosteady/gosteady/internal/console"
	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
)

// Text prints a heading for each area and a line for each check; what
// to type stands below, where there is something to do.
func Text(w io.Writer, checks []Check, s tui.Style) {
	area := ""
	for _, c := range checks {
		if c.Area != area {
			if area != "" {
				fmt.Fprintln(w)
			}
			area = c.Area
			fmt.Fprintln(w, area)
		}
		fmt.Fprintf(w, "  %s  %s\n", s.Mark(c.Verdict), mask.Line(c.Text))
		if c.Fix != "" {
			fmt.Fprintf(w, "        %s %s\n", s.Arrow(), mask.Line(c.Fix))
		}
	}
}

// bare takes the prefix off a message that was made for stderr.
func bare(line string) string { return strings.TrimPrefix(line, console.Prefix) }
