//go:build unix

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosteady/gosteady/internal/modtest"
)

// TestStartedUnderAnotherName: a link of somebody's own to our go is the go command,
// and one to gosteady is not.
func TestStartedUnderAnotherName(t *testing.T) {
	dir := t.TempDir()
	for name, target := range map[string]string{"go1.26": "go", "-go": "go", "steady": "gosteady"} {
		link := filepath.Join(dir, name)
		if err := os.Symlink(filepath.Join(bin, target), link); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(link, "version")
		cmd.Env = modtest.Env(t)
		out, err := cmd.CombinedOutput()
		if isGo := strings.HasPrefix(string(out), "go version "); err != nil || isGo != (target == "go") {
			t.Errorf("%s, a link to %s: %s, %v", name, target, out, err)
		}
	}
}
