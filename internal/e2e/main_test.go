package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
	"github.com/gosteady/gosteady/internal/steady"
	"github.com/gosteady/gosteady/shim"
)

// bin has the built gosteady as an installation lays it out.
var bin string

// testdata has the scripts, and the modules that they use.
var testdata = filepath.Join("..", "..", "testdata")

func TestMain(m *testing.M) {
	if does := os.Getenv(helperEnv); does != "" {
		helper(does)
	}
	os.Exit(modtest.WithBuilt(m, &bin, shim.Run, steady.Main))
}

// steadyGo is the path of gosteady, named go.
func steadyGo() string { return modtest.Executable(bin, "go") }
