package stats

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/gosteady/gosteady/internal/metrics"
)

// Prometheus writes the text format that node_exporter's textfile collector
// reads.
func (s *Sums) Prometheus(w io.Writer) error {
	out := metrics.NewWriter(w)
	out.Family("gosteady_failures_total", "counter", "Module fetch failures met, by how they ended.")
	for _, c := range slices.SortedFunc(maps.Keys(s.cells), compareCells) {
		labels := []string{"class", c.class, "upstream", c.upstream}
		out.Sample(s.cells[c].healed, append([]string{"outcome", "healed"}, labels...)...)
		out.Sample(s.cells[c].unhealed, append([]string{"outcome", "unhealed"}, labels...)...)
	}
	out.Family("gosteady_lost_seconds_total", "counter", "Time spent on failures, by upstream.")
	upstreams := slices.Sorted(maps.Keys(s.upstreams))
	for _, u := range upstreams {
		out.Sample(s.upstreams[u].lost.Seconds(), "upstream", u)
	}
	out.Family("gosteady_last_failure_timestamp_seconds", "gauge", "When an upstream last failed.")
	for _, u := range upstreams {
		out.Sample(s.seen[u].Unix(), "upstream", u)
	}
	out.Family("gosteady_commands_total", "counter", "Go commands that met a fetch failure.")
	out.Sample(s.rescued, "outcome", "rescued")
	out.Sample(s.invocations-s.rescued, "outcome", "other")
	out.Family("gosteady_saved_seconds_total", "counter", "Time that the rescued commands would have taken again.")
	out.Sample(s.saved.Seconds())
	return out.Flush()
}

func compareCells(a, b cell) int {
	return cmp.Or(strings.Compare(a.upstream, b.upstream), strings.Compare(a.class, b.class))
}
