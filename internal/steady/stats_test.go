package steady

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
)

const statsGolden = `2026-03-16 to 2026-03-23: 2 go commands met 5 fetch failures
4 healed, 1 not; 11.5s lost, 20.0s saved by 1 go command that did not have to run again

  class          healed  not healed  lost
  server-error   2       0           0.9s
  cache-corrupt  1       0           10.0s
  gone           0       1           0s
  http2          1       0           1.0s

  upstream             healed  not healed  lost
  proxy.golang.org     3       0           1.9s
  mirror.example:8443  0       1           0s
  this machine         1       0           10.0s

  week      healed  not healed  lost
  2026-W12  3       1           1.9s
  2026-W13  1       0           10.0s

  module               healed  not healed  lost
  golang.org/x/mod     2       0           10.4s
  corp.example/other   0       1           0s
  corp.example/secret  1       0           1.0s
  golang.org/x/sys     1       0           0.5s
`

const statsPrometheusGolden = `# HELP gosteady_failures_total Module fetch failures met, by how they ended.
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
gosteady_lost_seconds_total{upstream="proxy.golang.org"} 1.9
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

func TestStats(t *testing.T) {
	quiet := journal.Invocation{Time: steadytest.Monday, Command: []string{"list"}}
	app, out := appWith(t, steadytest.Known(), quiet, steadytest.Rescued())
	for args, want := range map[string]string{"stats": statsGolden, "stats --format prometheus": statsPrometheusGolden} {
		out.Reset()
		if code := app.Run(strings.Fields(args)); code != 0 || out.String() != want {
			t.Errorf("%s: exit %d, got\n%s\nwant\n%s", args, code, out, want)
		}
	}
	out.Reset()
	if code := app.Run([]string{"stats", "--json"}); code != 0 {
		t.Fatalf("exit %d: %s", code, out)
	}
	var r statReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Healed != 4 || r.Rescued != 1 || r.SavedSeconds != 20 || len(r.Classes) != 4 || len(r.Weeks) != 2 {
		t.Errorf("as JSON: %+v", r)
	}
}

func TestStatsSince(t *testing.T) {
	app, out := appWith(t, steadytest.Known(), steadytest.Rescued())
	c := statsCommand{since: 48 * time.Hour, format: "text"}
	if err := c.run(app, nil, steadytest.Monday.Add(8*24*time.Hour)); err != nil || !strings.Contains(out.String(), "1 go command met 1 fetch failure\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestStatsMerged adds up the journals of several machines.
func TestStatsMerged(t *testing.T) {
	app, out := appWith(t)
	var files []string
	for _, inv := range []journal.Invocation{steadytest.Known(), steadytest.Rescued()} {
		dir := t.TempDir()
		if err := journal.NewStore(dir).Append(inv); err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, "journal.jsonl"))
	}
	if code := app.Run(append([]string{"stats"}, files...)); code != 0 || out.String() != statsGolden {
		t.Errorf("exit %d, got\n%s", code, out)
	}
}

func TestStatsErrors(t *testing.T) {
	app, out := appWith(t)
	for args, want := range map[string]string{
		"stats":               "the journal is empty",
		"stats --format yaml": "gosteady: --format yaml: allowed are text, json and prometheus",
		"stats missing":       "gosteady: open missing: ",
	} {
		out.Reset()
		app.Run(strings.Fields(args))
		if !strings.HasPrefix(out.String(), want) {
			t.Errorf("%s: %s", args, out)
		}
	}
	if _, err := os.Stat("missing"); err == nil {
		t.Error("a journal was made")
	}
}

func TestQuoteLabel(t *testing.T) {
	if got := quoteLabel("a\"b\\c\nd"); got != `"a\"b\\c\nd"` {
		t.Errorf("quoteLabel = %s", got)
	}
}
