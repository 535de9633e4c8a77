package probe

import (
	"fmt"
	"io"
	"strings"

	"github.com/gosteady/gosteady/internal/mask"
	"github.com/gosteady/gosteady/internal/tui"
)

// Text prints a heading for each source and a line for each answer.
func (r *Report) Text(w io.Writer, s tui.Style) {
	title := r.Module
	if r.Version != "" {
		title += "@" + r.Version
	}
	fmt.Fprintln(w, title)
	for _, e := range r.Sources {
		fmt.Fprintf(w, "\n%s\n", e.Name)
		if e.Skipped != "" {
			fmt.Fprintf(w, "  %s  not asked: %s\n", s.Mark(tui.Note), e.Skipped)
		}
		for _, a := range e.Answers {
			fmt.Fprintf(w, "  %s  %s\n", s.Mark(a.verdict()), strings.TrimRight(strings.Join(a.columns(), "  "), " "))
		}
	}
	if len(r.Advice) > 0 {
		fmt.Fprintln(w)
		for _, advice := range r.Advice {
			fmt.Fprintf(w, "%s %s\n", s.Arrow(), advice)
		}
	}
}

func (a Answer) verdict() tui.Verdict {
	switch {
	case a.OK:
		return tui.OK
	case missing(a):
		return tui.Warn
	}
	return tui.Fail
}

func (a Answer) columns() []string {
	status := "---"
	if a.Status != 0 {
		status = fmt.Sprint(a.Status)
	}
	columns := []string{fmt.Sprintf("%-6s", a.File), status}
	if a.Timing != nil {
		columns = append(columns, fmt.Sprintf("%6s", tui.Seconds(a.Timing.Total)))
	}
	if a.Text != "" {
		columns = append(columns, mask.Line(a.Text))
	}
	if a.Class != "" {
		columns = append(columns, "("+a.Class+")")
	}
	if cached := a.cached(); cached != "" {
		columns = append(columns, "["+cached+"]")
	}
	return columns
}

// cached is what the answer says about caches.
func (a Answer) cached() string {
	var parts []string
	if a.Age != "" {
		parts = append(parts, "age "+a.Age+"s")
	}
	if a.CacheControl != "" {
		parts = append(parts, a.CacheControl)
	}
	return strings.Join(parts, ", ")
}
