package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// watchPeak follows the memory that a process takes, without its children. It
// returns a function that ends that and gives the peak in bytes, 0 where the
// system does not tell, or not in the few milliseconds that it took.
func watchPeak(pid int) func() int64 {
	stop, peak := make(chan bool), make(chan int64)
	go func() {
		var last int64
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				peak <- last
				return
			case <-tick.C:
				last = max(last, peakOf(pid))
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-peak
	}
}

// peakOf reads the peak from /proc, which only Linux has.
func peakOf(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "VmHWM:")
	var kib int64
	fmt.Sscan(rest, &kib)
	return kib << 10
}
