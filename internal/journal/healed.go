package journal

import (
	"fmt"
	"strings"
	"time"

	"github.com/gosteady/gosteady/classify"
)

// byUpstream is "proxy.golang.org: 2 server-error, 1 http2; …", and at the end
// what happened on no upstream, such as a damaged cache entry.
func byUpstream(events []Event) string {
	hosts := make(tally[string])
	classes := make(map[string]tally[classify.Class])
	for _, e := range events {
		hosts[e.Upstream]++
		if classes[e.Upstream] == nil {
			classes[e.Upstream] = make(tally[classify.Class])
		}
		classes[e.Upstream][e.Class]++
	}
	var parts []string
	for _, host := range hosts.ordered() {
		if host != "" {
			parts = append(parts, host+": "+classCounts(classes[host]))
		}
	}
	if local, ok := classes[""]; ok {
		parts = append(parts, classCounts(local)+whichModules(events))
	}
	return strings.Join(parts, "; ")
}

// whichModules names those that were damaged in the module cache: somebody may
// have changed one there on purpose.
func whichModules(events []Event) string {
	modules := make(tally[string])
	for _, e := range events {
		if e.Class == classify.CacheCorrupt && e.Upstream == "" && e.Module != "" {
			modules[e.Module+"@"+e.Version]++
		}
	}
	switch names := modules.ordered(); len(names) {
	case 0:
		return ""
	case 1:
		return " in " + names[0]
	default:
		return fmt.Sprintf(" in %s and %d more", names[0], len(names)-1)
	}
}

func classCounts(classes tally[classify.Class]) string {
	var parts []string
	for _, class := range classes.ordered() {
		parts = append(parts, fmt.Sprintf("%d %s", classes[class], class))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Duration prints a time as people read it: "12ms", "1.4s", "2m3s".
func Duration(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
