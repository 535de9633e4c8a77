package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// runOverhead measures what gosteady costs where nothing fails: on the pass route
// and for warm commands against a bare execve wrapper, on the supervised route against
// plain go. The programs take turns, so that a busy machine slows all of them alike; the
// spread is that of the middle half of the pairs.
func runOverhead(s *setting, args []string) error {
	flags := flag.NewFlagSet("overhead", flag.ExitOnError)
	n := flags.Int("n", 200, "`runs` of each command")
	fastest := flags.Bool("fastest", false, "compare the fastest runs instead of the medians: what is left on a busy machine")
	flags.Parse(args)
	pick := median
	if *fastest {
		pick = slices.Min[[]time.Duration]
	}

	wrapper, err := s.build("wrapper", "github.com/gosteady/gosteady/bench/wrapper", "-ldflags=-X main.real="+s.plain)
	if err != nil {
		return err
	}
	dir, err := s.smallModule()
	if err != nil {
		return err
	}
	var t table
	t.add("command", "plain go", "bare wrapper", "gosteady", "over wrapper", "spread", "over plain")
	for _, command := range []string{
		"version", "env GOROOT", "list ./...", "build -o " + os.DevNull + " .", "vet ./...", "install ./sub", "doc fmt Println",
		"list -m -mod=mod all",
	} {
		times, err := s.turns(*n, dir, strings.Fields(command), s.plain, wrapper, s.steady)
		if err != nil {
			return err
		}
		plain, bare, steady := pick(times[0]), pick(times[1]), pick(times[2])
		over := differences(times[2], times[1])
		t.add("go "+command, millis(plain), millis(bare), millis(steady), millis(steady-bare),
			millis(quantile(over, 1, 4))+" … "+millis(quantile(over, 3, 4)), millis(steady-plain))
	}
	t.print(os.Stdout)
	return nil
}

// differences are those of runs that were made one after the other, in pairs.
func differences(a, b []time.Duration) []time.Duration {
	list := make([]time.Duration, len(a))
	for i := range a {
		list[i] = a[i] - b[i]
	}
	return list
}

// smallModule has two packages and no dependency: all of its load is overhead.
func (s *setting) smallModule() (string, error) {
	dir := filepath.Join(s.root, "small")
	files := map[string]string{
		"go.mod":     "module example.com/small\n\ngo 1.21\n",
		"main.go":    "package main\n\nimport _ \"example.com/small/sub\"\n\nfunc main() {}\n",
		"sub/sub.go": "package sub\n",
	}
	for name, text := range files {
		if err := store(filepath.Join(dir, name), strings.NewReader(text)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// turns runs the programs n times each, in turn, and returns each one's times.
func (s *setting) turns(n int, dir string, args []string, programs ...string) ([][]time.Duration, error) {
	times := make([][]time.Duration, len(programs))
	cache := s.cache()
	for i := range n + 1 {
		for p, program := range programs {
			// An address that nobody serves: nothing may be asked for here.
			j := job{program: program, dir: dir, cache: cache, proxy: "http://127.0.0.1:1"}
			j.env = []string{"GOSTEADY_GO=" + s.plain, "GOSUMDB=off"}
			got, err := j.run(args...)
			if err != nil || got.code != 0 {
				return nil, fmt.Errorf("%s %v: %v %s", program, args, err, got.output)
			}
			if i > 0 { // the first round fills caches
				times[p] = append(times[p], got.wall)
			}
		}
	}
	return times, nil
}
