package modtest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Build compiles gosteady and lays it out as an installation has it: DIR/gosteady
// and DIR/go, the same file. Meant for TestMain, once a test run. The go command
// that builds is the one in PATH, which the tests are about to try, unless
// GOSTEADY_TEST_BUILDER names another: an older go cannot build gosteady. Nothing is
// built where GOSTEADY_TEST_BINARY names a gosteady, as of another system's go.
//
// "go test" does not see what a test builds, and would take results from its cache. So
// the test is linked of the same: program are the functions that main.go calls. A blank
// import would not do, since the linker leaves out what nothing calls.
func Build(dir string, program ...any) error {
	runtime.KeepAlive(program)
	binary := Executable(dir, "gosteady")
	if built := os.Getenv("GOSTEADY_TEST_BINARY"); built != "" {
		data, err := os.ReadFile(built)
		if err == nil {
			err = os.WriteFile(binary, data, 0o777)
		}
		if err != nil {
			return err
		}
		return os.Link(binary, Executable(dir, "go"))
	}
	builder := cmp.Or(os.Getenv("GOSTEADY_TEST_BUILDER"), "go")
	cmd := exec.Command(builder, "build", "-o", binary, "github.com/gosteady/gosteady")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.New(string(out))
	}
	return os.Link(binary, Executable(dir, "go"))
}

// WithBuilt is the TestMain of a package whose tests run gosteady: it builds
// gosteady into a directory, sets *bin to that, and runs the tests. It returns the
// exit status. program is as for Build.
func WithBuilt(m *testing.M, bin *string, program ...any) int {
	dir, err := os.MkdirTemp("", "gosteady-test-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = Build(dir, program...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build gosteady:", err)
		return 1
	}
	*bin = dir
	return m.Run()
}

// Executable is the path of an executable file in dir.
func Executable(dir, name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}
