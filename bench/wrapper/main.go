//go:build unix

// Wrapper is the least that a go command in front of the real one can do: it lets
// the real one replace it. The overhead benchmark compares gosteady with it.
package main

import (
	"os"
	"syscall"
)

// real is the path of the real go, set with -ldflags -X.
var real string

func main() {
	if err := syscall.Exec(real, os.Args, os.Environ()); err != nil {
		println(err.Error())
		os.Exit(126)
	}
}
