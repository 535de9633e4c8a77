package relay

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/goenv"
	"github.com/gosteady/gosteady/policy"
)

// TestRepositoryWaits: what a repository's file adds to the waits of one invocation is
// at most a minute, however many modules fail and however often its schedule asks.
func TestRepositoryWaits(t *testing.T) {
	slept := func(text string) (total time.Duration) {
		store := helloStore(t)
		p := fault(t, store, "** status=500")
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, ".git"), 0o777); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			writeFile(t, filepath.Join(dir, policy.FileName), text)
		}
		b := open(t, p.URL(), knowing(sums(t, store)), func(c *Config) {
			c.Settings = goenv.Read(c.Environ, "")
			loader := policy.Loader{Getenv: c.Settings.Environ, Settings: c.Settings, Dir: dir, SystemDir: t.TempDir(), UserDir: t.TempDir()}
			p, _ := loader.Load()
			c.Policy, c.Bound = p.Bounded()
		})
		for _, file := range []string{"/@v/v1.0.0.info", "/@v/v1.0.0.mod", "/@v/v1.0.0.zip"} {
			if g := b.get(0, hello+file); g.code != 500 {
				t.Errorf("%s: %+v", file, g)
			}
		}
		for _, d := range b.clock.Waits() {
			total += d
		}
		return total
	}
	usual := slept("")
	for _, text := range []string{
		"retry: {attempts: 10, waits: [1m], budget: 10m}\n",
		"rules: [{on: [server-error], do: [retry], retry: {attempts: 10, waits: [10s, 20s, 1m]}}]\nretry: {budget: 10m}\n",
	} {
		if got := slept(text); got > usual+time.Minute || got < usual {
			t.Errorf("%swaits %v, without it %v", text, got, usual)
		}
	}
	if got := slept("rules: [{on: [server-error], do: [retry], wait-for: 4m}]\n"); got < 4*time.Minute {
		t.Errorf("a rule's wait-for is cut to %v", got)
	}
}
