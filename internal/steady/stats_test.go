package steady

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/journal"
	"github.com/gosteady/gosteady/internal/steadytest"
)

func TestStatsSince(t *testing.T) {
	app, out := appWith(t, steadytest.Known(), steadytest.Rescued())
	c := statsCommand{since: 48 * time.Hour, format: "text"}
	if err := c.run(app, nil, steadytest.Monday.Add(8*24*time.Hour)); err != nil || !strings.Contains(out.String(), "1 go command met 1 fetch failure\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestStatsMerged adds up the journals of several machines.
func TestStatsMerged(t *testing.T) {
	app, want := appWith(t, steadytest.Known(), steadytest.Rescued())
	app.Run([]string{"stats"})
	var files []string
	for _, inv := range []journal.Invocation{steadytest.Known(), steadytest.Rescued()} {
		dir := t.TempDir()
		if err := journal.NewStore(dir).Append(inv); err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, "journal.jsonl"))
	}
	app, got := appWith(t)
	if code := app.Run(append([]string{"stats"}, files...)); code != 0 || got.String() != want.String() {
		t.Errorf("exit %d, got\n%s\nwant\n%s", code, got, want)
	}
}

func TestStatsErrors(t *testing.T) {
	app, out := appWith(t)
	for args, want := range map[string]string{
		"stats":               "the journal is empty",
		"stats --format yaml": "gosteady: --format yaml: allowed are text, json and prometheus",
		"stats missing":       "gosteady: missing: no such file; name the journal.jsonl",
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
