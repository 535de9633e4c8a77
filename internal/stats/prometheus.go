package stats

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Prometheus writes the text format that node_exporter's textfile collector
// reads.
func (s *Sums) Prometheus(w io.Writer) error {
	out := bufio.NewWriter(w)
	metric := func(name, kind, help string) {
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}

	metric("gosteady_failures_total", "counter", "Module fetch failures met, by how they ended.")
	cells := slices.SortedFunc(maps.Keys(s.cells), compareCells)
	for _, c := range cells {
		labels := fmt.Sprintf("class=%s,upstream=%s", quoteLabel(c.class), quoteLabel(c.upstream))
		fmt.Fprintf(out, "gosteady_failures_total{outcome=\"healed\",%s} %d\n", labels, s.cells[c].healed)
		fmt.Fprintf(out, "gosteady_failures_total{outcome=\"unhealed\",%s} %d\n", labels, s.cells[c].unhealed)
	}
	metric("gosteady_lost_seconds_total", "counter", "Time spent on failures, by upstream.")
	upstreams := slices.Sorted(maps.Keys(s.upstreams))
	for _, u := range upstreams {
		fmt.Fprintf(out, "gosteady_lost_seconds_total{upstream=%s} %g\n", quoteLabel(u), s.upstreams[u].lost.Seconds())
	}
	metric("gosteady_last_failure_timestamp_seconds", "gauge", "When an upstream last failed.")
	for _, u := range upstreams {
		fmt.Fprintf(out, "gosteady_last_failure_timestamp_seconds{upstream=%s} %d\n", quoteLabel(u), s.seen[u].Unix())
	}
	metric("gosteady_commands_total", "counter", "Go commands that met a fetch failure.")
	fmt.Fprintf(out, "gosteady_commands_total{outcome=\"rescued\"} %d\n", s.rescued)
	fmt.Fprintf(out, "gosteady_commands_total{outcome=\"other\"} %d\n", s.invocations-s.rescued)
	metric("gosteady_saved_seconds_total", "counter", "Time that the rescued commands would have taken again.")
	fmt.Fprintf(out, "gosteady_saved_seconds_total %g\n", s.saved.Seconds())
	return out.Flush()
}

func compareCells(a, b cell) int {
	return cmp.Or(strings.Compare(a.upstream, b.upstream), strings.Compare(a.class, b.class))
}

// quoteLabel quotes a label's value: Prometheus knows three escapes and no
// others.
func quoteLabel(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(v) + `"`
}
