package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// measured says when, by what, on which machine and under which load the tables that
// follow were measured: figures without these say nothing.
func measured(s *setting, args []string, now time.Time) string {
	version, _ := exec.Command(s.plain, "env", "GOVERSION").Output()
	return fmt.Sprintf("Measured on %s by `go run ./bench %s`: %s, %s/%s, %d × %s, %s.",
		now.Format(time.DateOnly), strings.Join(args, " "), strings.TrimSpace(string(version)),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(readText("/proc/cpuinfo")), loadBefore(readText("/proc/loadavg")))
}

// processor is the name of the first processor, of Linux's list.
func processor(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unnamed processor"
}

// loadBefore is what else the machine was doing as the measuring began, of Linux's average.
func loadBefore(loadavg string) string {
	if last, _, ok := strings.Cut(loadavg, " "); ok {
		return "load " + last + " before"
	}
	return "load unknown"
}

func readText(file string) string {
	data, _ := os.ReadFile(file) // "" elsewhere than on Linux
	return string(data)
}
