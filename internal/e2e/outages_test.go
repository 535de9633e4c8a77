package e2e

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/outages"
)

// plainRequests is how many requests a plain go command makes for the modules of a
// world that nothing happens to.
const plainRequests = 108

// TestOutages plays what servers do to a download, with the real toolchain. Those that
// take long are for GOSTEADY_TEST_SLOW; "go run ./bench outages" plays all, with plain
// go beside it.
func TestOutages(t *testing.T) {
	world, err := outages.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range outages.Cases() {
		t.Run(strings.ReplaceAll(c.Name, " ", "_"), func(t *testing.T) {
			if c.Long && os.Getenv("GOSTEADY_TEST_SLOW") == "" {
				t.Skip("takes long: GOSTEADY_TEST_SLOW=1")
			}
			t.Parallel()
			env := modtest.Env(t, "GOSTEADY_LOG=debug")
			got, err := world.Run(c, steadyGo(), t.TempDir(), env)
			if err != nil {
				t.Fatal(err)
			}
			if (got.Code != 0) != c.Fails {
				t.Errorf("exit status %d\n%s", got.Code, got.Output)
			}
			if most := probes(c, got.Took); got.Down > most && c.List == "" { // with somebody else to ask, nobody waits
				t.Errorf("asked %d times while it was down, at most %d\n%s", got.Down, most, got.Output)
			}
			if most := mostRequests(c); got.Requests > most {
				t.Errorf("asked %d times in all, at most %d\n%s", got.Requests, most, got.Output)
			}
		})
	}
}

// probes is how often a server may be asked while it is down: six times in five
// seconds, and every two seconds at last. Those apart who were about to connect when it
// was killed: they count where they are refused, which a busy machine makes late.
func probes(c outages.Case, took time.Duration) (most int) {
	for _, d := range c.Down {
		down := d.For
		if down == 0 {
			down = took
		}
		const late = 4
		most += 6 + late + int(down/(2*time.Second))
	}
	return most
}

// mostRequests is how often a server may be asked in all: a half more than by plain go
// where it refuses some, and once more for what was under way when it was killed: as
// many as are made side by side.
func mostRequests(c outages.Case) int {
	switch {
	case strings.HasPrefix(c.Name, "fails each file"):
		return 5 * plainRequests
	case strings.Contains(c.Rules, "goaway"):
		return 3 * plainRequests // each ends all that share the connection
	case len(c.Down) > 0:
		const underWay = 48
		return plainRequests*115/100 + len(c.Down)*underWay
	}
	return plainRequests * 3 / 2
}
