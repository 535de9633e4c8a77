// Package report shows go commands as the journal has them: what each met, what was
// done about it, what it cost.
//
// [Text] is for a terminal. [Page] is one HTML document that needs nothing from
// elsewhere, with a waterfall of the requests; [Trace] is the same for Perfetto and
// chrome://tracing. The journal has no secrets, but it names modules and directories:
// a [Mask] takes out those that outsiders should not read of, and what it returns can
// be shown in any form.
package report

import (
	"strings"

	"github.com/gosteady/gosteady/internal/journal"
)

// A Command is one go command as the journal has it, and its requests as far as
// they are kept.
type Command struct {
	journal.Invocation
	Sent []journal.Request
}

// commandLine is what a person typed.
func commandLine(inv journal.Invocation) string { return "go " + strings.Join(inv.Command, " ") }
