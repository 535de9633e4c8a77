// Bench measures gosteady against the plain go command, on real modules from the
// module proxy that this machine is configured to use.
//
//	go run ./bench real       a proxy that breaks and refuses: who gets through
//	go run ./bench overhead   what gosteady costs where there is nothing to heal
//	go run ./bench latency    cold downloads and builds at several latencies
//	go run ./bench gateway    gosteady serve, beside other module proxies
//	go run ./bench outages    servers that are restarted, limit the rate, or fail
//
// Each prints tables in Markdown; README.md has them as they were last measured.
// What is downloaded is kept in a mirror directory (-mirror), so that a second run
// asks the module proxy for nothing.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// A bench is one of the commands.
type bench struct {
	does string
	run  func(*setting, []string) error
}

var benches = map[string]bench{
	"real":     {"a proxy that breaks and refuses: who gets through", runReal},
	"overhead": {"what gosteady costs where there is nothing to heal", runOverhead},
	"latency":  {"cold downloads and builds at several latencies", runLatency},
	"gateway":  {"gosteady serve, beside other module proxies", runGateway},
	"outages":  {"servers that are restarted, limit the rate, or fail", runOutages},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 || benches[args[0]].run == nil {
		return fmt.Errorf("name one of:%s", names())
	}
	s, err := newSetting()
	if err != nil {
		return err
	}
	defer s.clear()
	fmt.Println(measured(s, args, time.Now()) + "\n")
	return benches[args[0]].run(s, args[1:])
}

func names() string {
	var lines []string
	for name, b := range benches {
		lines = append(lines, fmt.Sprintf("\n  %-10s %s", name, b.does))
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// commonFlags are those of every bench that downloads.
func commonFlags(name string) (flags *flag.FlagSet, mirror *string) {
	flags = flag.NewFlagSet(name, flag.ExitOnError)
	cache, _ := os.UserCacheDir()
	mirror = flags.String("mirror", filepath.Join(cache, "gosteady-bench"), "`directory` that keeps what was downloaded")
	return flags, mirror
}
