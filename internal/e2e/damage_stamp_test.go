package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// stampedCommands are those that the real go replaces us for where nothing can be
// fetched. (Go fix is one of them and is not here: it edits as it goes, so it is not run
// again.)
var stampedCommands = []string{
	"build -o " + os.DevNull + " .", "list -deps -f {{.ImportPath}}{{.GoFiles}} .", "vet .", "install example.com/dep/cmd/say",
	"doc example.com/dep F", "list -m -f {{.Path}}@{{.Version}} all", "run .", "test .", "generate .", "tool say",
}

// unpacked are damages after which a module has to be unpacked anew. Go doc does not do
// that, and a right zip is of no use to it: plain go says the same.
var unpacked = []string{"zip cut", "zip empty", "zip garbage", "zip and ziphash wrong", "partial left behind"}

// TestDamageAfterStamp damages the module cache between two runs of a command that the
// real go replaces us for: healed at the second try at the latest. With
// GOSTEADY_TEST_SLOW, every command meets every damage.
func TestDamageAfterStamp(t *testing.T) {
	t.Parallel()
	w := newDepWorld(t)
	for i, d := range damages {
		for j, command := range stampedCommands {
			if i%len(stampedCommands) != j && os.Getenv("GOSTEADY_TEST_SLOW") == "" {
				continue
			}
			if strings.HasPrefix(command, "doc ") && slices.Contains(unpacked, d.name) {
				continue
			}
			t.Run(d.name+", "+command, func(t *testing.T) {
				t.Parallel()
				env := w.copied(t, func(depCache) {})
				args := strings.Fields(command)
				whole := modtest.Run(t, w.dir, env, steadyGo(), args...)
				second := modtest.Run(t, w.dir, append(env, "GOSTEADY_LOG=debug"), steadyGo(), args...)
				if whole.Code != 0 || second.Code != 0 || strings.Contains(second.Stderr, "gosteady:") && args[0] != "generate" {
					t.Fatalf("whole: %+v\nagain: %+v", whole, second)
				}
				d.do(depCache{t, modtest.Getenv(env, "GOMODCACHE")})
				var tries []modtest.Result
				for range 3 {
					tries = append(tries, modtest.Run(t, w.dir, env, steadyGo(), args...))
				}
				for _, got := range tries[1:] {
					if got.Code != 0 || !sameButTimes(got.Stdout, whole.Stdout) || got.Stderr != "" && !onlyHealed(got.Stderr) {
						t.Fatalf("whole: %+v\ndamaged: %+v", whole, tries)
					}
				}
			})
		}
	}
}

// sameButTimes: go test prints how long a test took.
func sameButTimes(a, b string) bool {
	return a == b || strings.HasPrefix(a, "ok ") && strings.HasPrefix(b, "ok ")
}
