// Package passfirst carries out the pass route before the packages that only
// the other routes need are initialised.
//
// Go initialises packages in the order of their import paths, each as soon as
// those that it imports are ready (the language specification, "Program
// initialization"). This package imports little and its path sorts before
// golang.org/x and net/http, so its init function runs before theirs. Measured
// on a two-core machine, passing from main costs 0.8 ms more than a bare execve
// wrapper, and from here 0.2 ms. Should the order ever change, only that gain
// is lost: main carries out the plan all the same.
//
// Only main imports it, since importing it may end the process.
package passfirst

import (
	"os"

	"github.com/gosteady/gosteady/shim/front"
)

// Plan is the plan for this process, nil where it was not started as go or
// where Err is set.
var Plan *front.Plan

// Err is why there is no plan.
var Err error

func init() {
	if !front.IsGo(os.Args[0]) {
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "steady" {
		front.RestoreEnv(os.Args[2:], os.Environ())
		return
	}
	Plan, Err = front.Begin(os.Args, os.Environ())
	if Err == nil && Plan.Route == front.Pass && Plan.Toolchain == "" {
		Err = Plan.ExecReal()
	}
}
