package transparency

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// healed is the line that says what was healed, and the one of a long wait.
var healed = regexp.MustCompile(`(?m)^gosteady: (healed|waiting) .*\n`)

// faults are what a bad day brings.
const faults = `** chance=0.08 seed=1 status=503
** chance=0.05 seed=2 cut
** chance=0.05 seed=3 reset
** chance=0.04 seed=4 html
** chance=0.03 seed=5 cut-chunked
/example.com/m*/** chance=0.03 seed=6 flip=any` // what no go.sum vouches for would be believed

// soaked are the commands that are run, each with what it prints when all is well.
var soaked = []struct{ script, stdout string }{
	{"go list -m", "example.com/main\n"},
	{"go list -deps . | grep -c ^example", "4\n"},
	{"go mod download && echo ok", "ok\n"},
	{"go run . args 1", "[\"1\"]\n"},
	{"go run example.com/probe@v1.0.0 args 2", "[\"2\"]\n"},
	{"go build -o /dev/null . && echo ok", "ok\n"},
	{"go vet ./... && echo ok", "ok\n"},
	{"PROBE='args 1' go test -vet=off -count=1 . | cut -f1-2", "ok  \texample.com/main\n"},
	{"go env GOARCH >/dev/null; echo ok", "ok\n"},
	{"go mod graph | wc -l", "8\n"},
	{"go run . exit 3; echo $?", "1\n"},
}

// TestSoak runs commands one after another and a few at a time, the module cache
// being emptied now and then, and looks at what is left.
func TestSoak(t *testing.T) {
	rounds, workers := 60, 3
	if long() {
		rounds = 2000
	}
	w := newWorld(t, steady, faults)
	w.env = append(w.env, "TMPDIR="+w.path("tmp"), "GOSTEADY_RETRY_WAITS=5ms,10ms,20ms,40ms", "GOSTEADY_RETRY_ATTEMPTS=8")
	os.Mkdir(w.path("tmp"), 0o777)
	work := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range work {
				w.soak(i)
			}
		})
	}
	random := rand.New(rand.NewSource(1))
	for range rounds {
		work <- random.Intn(len(soaked))
	}
	close(work)
	wg.Wait()
	w.gone()
	w.nothingLeft("tmp")
	w.bounded()
}

// soak runs one command in a module cache that it shares with a few others.
func (w *world) soak(i int) {
	c := soaked[i]
	own := *w
	own.env = append(own.env[:len(own.env):len(own.env)], fmt.Sprintf("GOMODCACHE=%s/cache%d", w.root, rand.Intn(20)))
	o := own.bash(c.script)
	if o.status != 0 || o.stdout != c.stdout {
		w.t.Errorf("%s: %v", c.script, o)
	}
	if text := healed.ReplaceAllString(withoutDownloads(o.stderr), ""); text != "" && !strings.HasPrefix(text, "exit status") && !strings.HasPrefix(text, "go: ") {
		w.t.Errorf("%s says %s", c.script, text)
	}
}

// bounded expects the state directory to be small.
func (w *world) bounded() {
	w.t.Helper()
	var size int64
	filepath.Walk(w.path("state"), func(_ string, fi os.FileInfo, err error) error {
		if err == nil {
			size += fi.Size()
		}
		return nil
	})
	if size > 10<<20 {
		w.t.Errorf("the state directory has %d bytes", size)
	}
}

// TestFiftyAtOnce runs fifty commands side by side, on a cold and on a warm
// module cache.
func TestFiftyAtOnce(t *testing.T) {
	w := newWorld(t, steady, faults)
	w.env = append(w.env, "GOSTEADY_RETRY_WAITS=20ms,50ms,100ms,200ms", "GOSTEADY_RETRY_ATTEMPTS=8", "TMPDIR="+w.path("tmp"))
	os.Mkdir(w.path("tmp"), 0o777)
	light := soaked[:4]
	for _, state := range []string{"cold", "warm"} {
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				c := light[i%len(light)]
				if o := w.bash(c.script); o.status != 0 || o.stdout != c.stdout {
					t.Errorf("%s: %s: %v", state, c.script, o)
				}
			})
		}
		wg.Wait()
	}
	w.gone()
	w.nothingLeft("tmp")
	got := modtest.Run(t, w.dir, append(w.env, "GOPROXY=off"), modtest.RealGo(t), "mod", "verify")
	if got.Code != 0 {
		t.Errorf("the cache is not whole: %s%s", got.Stdout, got.Stderr)
	}
}
