// Package tui has how things read in what gosteady prints for people: verdicts,
// numbers of things, sizes, times, tables.
//
// Commands print what they were asked for on standard output. A message of gosteady's
// own is one line that begins with "gosteady:", in lower case. What a server or another
// program said goes through package mask before a terminal sees it.
package tui

import (
	"fmt"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
)

// Count is a number of things: "1 request", "2 requests".
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Size is a number of bytes: "34.2 MB".
func Size(n int64) string {
	units := []string{"B", "kB", "MB", "GB"}
	f := float64(n)
	for len(units) > 1 && f >= 1000 {
		f, units = f/1000, units[1:]
	}
	if units[0] == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[0])
}

// Seconds is a time that is at hand as JSON has it.
func Seconds(s float64) string { return journal.Duration(time.Duration(s * float64(time.Second))) }

// Upstream is where a failure was met: the host that was asked, or none.
func Upstream(host string) string {
	if host == "" {
		return "this machine"
	}
	return host
}
