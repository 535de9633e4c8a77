package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gosteady/gosteady/internal/modtest"
)

// TestKilledWhileMending kills a command, and all that it has started, at many
// moments of a repair. What is left is the damage as it was, or something that plain
// go accepts; and the next command gets through. (That holds between any two steps
// of a repair: see TestKill of internal/modcache, which stops at each of them.)
func TestKilledWhileMending(t *testing.T) {
	modtest.Slow(t, "forty commands")
	t.Parallel()
	w := newDepWorld(t)
	args := []string{"build", "-o", os.DevNull, "."}
	for _, name := range []string{"zip cut", "mod empty", "file changed"} {
		d := damageNamed(t, name)
		whole := tookToMend(t, w, d, args)
		for i := range 4 {
			env := w.copied(t, d)
			r := start(t, w.dir, env, steadyGo(), args...)
			time.Sleep(whole * time.Duration(i+1) / 5)
			if i%2 == 0 {
				r.Process.Kill() // its child does not survive it
			} else {
				syscall.Kill(-r.Process.Pid, syscall.SIGKILL)
			}
			r.status()
			r.gone()
			plain := modtest.Run(t, w.dir, env, modtest.RealGo(t), args...)
			got := modtest.Run(t, w.dir, env, steadyGo(), args...)
			if got.Code != 0 || plain.Code == 0 && got.Stderr != "" {
				t.Errorf("%s, killed after %d/5: plain go %+v, then %+v", name, i+1, plain, got)
			}
			verify := modtest.Run(t, w.dir, append(env, "GOPROXY=off"), modtest.RealGo(t), "mod", "verify")
			if verify.Code != 0 {
				t.Errorf("%s, killed after %d/5: %+v", name, i+1, verify)
			}
			if left := leftOvers(env); len(left) > 0 {
				t.Errorf("%s, killed after %d/5: %v are left", name, i+1, left)
			}
		}
	}
}

// tookToMend is how long the command takes that mends the damage.
func tookToMend(t *testing.T, w *depWorld, d func(depCache), args []string) time.Duration {
	t.Helper()
	env := w.copied(t, d)
	began := time.Now()
	if r := modtest.Run(t, w.dir, env, steadyGo(), args...); r.Code != 0 || !onlyHealed(r.Stderr) {
		t.Fatal(r)
	}
	return time.Since(began)
}

func damageNamed(t *testing.T, name string) func(depCache) {
	t.Helper()
	for _, d := range damages {
		if d.name == name {
			return d.do
		}
	}
	t.Fatalf("no damage %s", name)
	return nil
}

// leftOvers are the files in the module cache that neither go nor a repair that
// came to its end would leave there.
func leftOvers(env []string) (names []string) {
	filepath.WalkDir(modtest.Getenv(env, "GOMODCACHE"), func(name string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".partial") {
			names = append(names, name)
		}
		return nil
	})
	return names
}
