package gateway

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Requests under faults leave no goroutine, no descriptor and no temporary file. "go run
// ./bench gateway -soak 1h" is the same with real modules, for an hour.
func TestSoak(t *testing.T) {
	s := newSite(t, 40)
	s.env = append(s.env, "GOSTEADY_RETRY_WAITS=1ms")
	s.check(s.proxy.Script("**.zip chance=0.1 seed=1 cut\n** chance=0.05 seed=2 reset after=0\n** chance=0.05 seed=3 status=503\n**.mod chance=0.05 seed=4 html"))
	g := s.serve("--max-size", "20K")
	length := 4 * time.Second
	if os.Getenv("GOSTEADY_TEST_SLOW") != "" {
		length = time.Minute
	}
	g.get("/0/example.com/m0/@v/list")
	before := g.goroutines()
	var all sync.WaitGroup
	began := time.Now()
	for i := range 8 {
		all.Go(func() {
			for n := i; time.Since(began) < length; n++ {
				for _, file := range []string{"list", "v1.0.0.info", "v1.0.0.mod", "v1.0.0.zip", "v9.0.0.info"} {
					g.get(fmt.Sprintf("/0/example.com/m%d/@v/%s", n*7%40, file))
				}
			}
		})
	}
	all.Wait()
	s.check(s.proxy.Script(""))
	if !eventually(func() bool { return g.goroutines() <= before+10 }) {
		t.Errorf("%d goroutines at first, %d at the end", before, g.goroutines())
	}
	if n, ok := descriptors(g.cmd.Process.Pid); ok && n > 60 {
		t.Errorf("%d descriptors", n)
	}
	var left []string
	if !eventually(func() bool { // a file is stored a moment after it was served
		left, _ = filepath.Glob(filepath.Join(s.dir, ".gateway", "tmp", "*", "*"))
		return len(left) == 1
	}) {
		t.Errorf("temporary files: %v; one lock is expected", left)
	}
}

var goroutinesLine = regexp.MustCompile(`(?m)^gosteady_gateway_goroutines (\d+)$`)

func (g *standing) goroutines() int {
	_, body := g.get("/metrics")
	m := goroutinesLine.FindStringSubmatch(body)
	if m == nil {
		g.t.Fatalf("no goroutines in\n%s", body)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// descriptors counts those of a process, where the system tells.
func descriptors(pid int) (n int, ok bool) {
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(list), err == nil
}
