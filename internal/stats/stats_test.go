package stats

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
)

const textGolden = `2026-03-16 to 2026-03-23: 2 go commands met 5 fetch failures
4 healed, 1 not; 11.5s lost, 20.0s saved by 1 go command that did not have to run again

  class          healed  not healed  lost
  server-error   2       0           0.9s
  cache-corrupt  1       0           10.0s
  gone           0       1           0s
  http2          1       0           1.0s

  upstream             healed  not healed  lost
  proxy.golang.org     3       0           1.5s
  mirror.example:8443  0       1           0s
  this machine         1       0           10.0s

  week      healed  not healed  lost
  2026-W12  3       1           1.5s
  2026-W13  1       0           10.0s

  module               healed  not healed  lost
  golang.org/x/mod     2       0           10.4s
  corp.example/other   0       1           0s
  corp.example/secret  1       0           1.0s
  golang.org/x/sys     1       0           0.5s
`

const prometheusGolden = `# HELP gosteady_failures_total Module fetch failures met, by how they ended.
# TYPE gosteady_failures_total counter
gosteady_failures_total{outcome="healed",class="gone",upstream="mirror.example:8443"} 0
gosteady_failures_total{outcome="unhealed",class="gone",upstream="mirror.example:8443"} 1
gosteady_failures_total{outcome="healed",class="http2",upstream="proxy.golang.org"} 1
gosteady_failures_total{outcome="unhealed",class="http2",upstream="proxy.golang.org"} 0
gosteady_failures_total{outcome="healed",class="server-error",upstream="proxy.golang.org"} 2
gosteady_failures_total{outcome="unhealed",class="server-error",upstream="proxy.golang.org"} 0
gosteady_failures_total{outcome="healed",class="cache-corrupt",upstream="this machine"} 1
gosteady_failures_total{outcome="unhealed",class="cache-corrupt",upstream="this machine"} 0
# HELP gosteady_lost_seconds_total Time spent on failures, by upstream.
# TYPE gosteady_lost_seconds_total counter
gosteady_lost_seconds_total{upstream="mirror.example:8443"} 0
gosteady_lost_seconds_total{upstream="proxy.golang.org"} 1.5
gosteady_lost_seconds_total{upstream="this machine"} 10
# HELP gosteady_last_failure_timestamp_seconds When an upstream last failed.
# TYPE gosteady_last_failure_timestamp_seconds gauge
gosteady_last_failure_timestamp_seconds{upstream="mirror.example:8443"} 1773662403
gosteady_last_failure_timestamp_seconds{upstream="proxy.golang.org"} 1773662402
gosteady_last_failure_timestamp_seconds{upstream="this machine"} 1774267210
# HELP gosteady_commands_total Go commands that met a fetch failure.
# TYPE gosteady_commands_total counter
gosteady_commands_total{outcome="rescued"} 1
gosteady_commands_total{outcome="other"} 1
# HELP gosteady_saved_seconds_total Time that the rescued commands would have taken again.
# TYPE gosteady_saved_seconds_total counter
gosteady_saved_seconds_total 20
`

func added(list ...journal.Invocation) *Sums {
	var s Sums
	for _, inv := range list {
		s.Add(inv)
	}
	return &s
}

func TestSums(t *testing.T) {
	quiet := journal.Invocation{Time: steadytest.Monday, Command: []string{"list"}}
	s := added(steadytest.Known(), quiet, steadytest.Rescued())
	var text, metrics strings.Builder
	if err := s.Summary().Text(&text); err != nil || text.String() != textGolden {
		t.Errorf("%v, got\n%s\nwant\n%s", err, &text, textGolden)
	}
	if err := s.Prometheus(&metrics); err != nil || metrics.String() != prometheusGolden {
		t.Errorf("%v, got\n%s\nwant\n%s", err, &metrics, prometheusGolden)
	}
	if r := s.Summary(); r.Healed != 4 || r.Rescued != 1 || r.SavedSeconds != 20 || len(r.Classes) != 4 || len(r.Weeks) != 2 {
		t.Errorf("%+v", r)
	}
}

// The order in which journals are read is of no consequence.
func TestSumsOfAnotherOrder(t *testing.T) {
	a, b := added(steadytest.Known(), steadytest.Rescued()).Summary(), added(steadytest.Rescued(), steadytest.Known()).Summary()
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\n%+v", a, b)
	}
}
