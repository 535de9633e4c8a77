package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gosteady/gosteady/internal/modtest"
)

// bin has the built gosteady as an installation lays it out.
var bin string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gosteady-e2e-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = modtest.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build gosteady:", err)
		return 1
	}
	bin = dir
	return m.Run()
}

// TestScripts runs every script in testdata/script, each named for the behaviour
// that it guards. One alone: go test -run 'TestScripts/NAME$' .
func TestScripts(t *testing.T) {
	params := modtest.Script(bin, "testdata/mods.txtar")
	params.Dir = "testdata/script"
	params.UpdateScripts = os.Getenv("UPDATE_SCRIPTS") != ""
	testscript.Run(t, params)
}
