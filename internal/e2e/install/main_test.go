//go:build unix

package install

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

// The tests run at the root of the repository, where install.sh is.
func TestMain(m *testing.M) {
	modtest.EnterRoot()
	os.Exit(modtest.WithBuilt(m, &bin, shim.Run, steady.Main))
}

func built() string { return modtest.Executable(bin, "gosteady") }

func realGo() string { return filepath.Join(modtest.GOROOT(), "bin", "go") }
