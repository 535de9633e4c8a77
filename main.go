// Gosteady is a drop-in go command that heals module-fetch failures.
//
// Started as "go" it is the shim before the real toolchain; as "gosteady", or
// as "go steady", it is the command that tells what the shim does and did.
//
// A request of go's for a module goes through package relay (the server on loopback),
// prefetch (fetched once for all), upstream (attempts, limits) and modproxy (is it what it
// should be?). A command that has failed goes through package shim, which decides whether
// it is run again, and modcache, which repairs the module cache. What a failure is, package
// classify says; what may be done about it, package policy.
package main

import (
	"os"

	"github.com/gosteady/gosteady/internal/steady"
	"github.com/gosteady/gosteady/shim"
	"github.com/gosteady/gosteady/shim/front"
	_ "github.com/gosteady/gosteady/shim/passfirst"
)

func main() {
	os.Exit(run(os.Args))
}

func run(args []string) int {
	if !front.StartedAsGo(args[0]) {
		return steady.Main("", args[1:])
	}
	if dir, own, ok := front.Steady(args[1:]); ok {
		front.RestoreEnv(own, os.Environ())
		return steady.Main(dir, own)
	}
	plan, err := front.Begin(args, os.Environ())
	if err != nil {
		return front.Fatal(err)
	}
	return shim.Run(plan)
}
