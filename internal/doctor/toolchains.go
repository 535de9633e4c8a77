package doctor

import (
	"fmt"
	"strings"

	"github.com/gosteady/gosteady/internal/install"
	"github.com/gosteady/gosteady/internal/tui"
)

// checkToolchains says in which toolchains of this machine gosteady stands in place, and
// who passes it by. An upgrade of Go ends its standing there.
func (d *doctor) checkToolchains() []Check {
	var checks []Check
	var absent []string
	for _, root := range d.Toolchains {
		again := "gosteady install --goroot " + root
		switch install.StateOf(root) {
		case install.Absent:
			absent = append(absent, root)
		case install.Overwritten:
			checks = append(checks, Check{Verdict: tui.Warn, Text: "an upgrade of Go has replaced gosteady in " + root, Fix: again})
		case install.Stranded:
			checks = append(checks, Check{Verdict: tui.Fail, Text: "gosteady stands in " + root + ", and its go.real is missing", Fix: "install Go there anew"})
		case install.Standing:
			if text := install.Mismatch(root); text != "" {
				checks = append(checks, Check{Verdict: tui.Fail, Text: text, Fix: "gosteady uninstall --goroot " + root + ", and install Go there anew"})
				continue
			}
			checks = append(checks, Check{Verdict: tui.OK, Text: "gosteady stands in place in " + root})
		}
	}
	if len(absent) > 0 {
		checks = append(checks, Check{Verdict: tui.Note, Text: fmt.Sprintf("started by their path without gosteady: %s", strings.Join(absent, ", ")),
			Fix: "gosteady install --goroot DIR, for editors with an SDK and for the go that tests start"})
	}
	return checks
}
