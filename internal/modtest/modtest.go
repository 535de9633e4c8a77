// Package modtest helps tests that run the go command: a clean environment in
// which nothing of the machine shows and nothing reaches the network, temporary
// modules, failing module proxies, and the built gosteady.
//
// The build cache alone is shared with the outer go, because compiling the
// standard library anew would cost more than all tests together.
package modtest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gosteady/gosteady/internal/environ"
	"github.com/gosteady/gosteady/internal/faultproxy"
)

// RealGo is the toolchain's own go. "go test" puts GOROOT/bin first in PATH, so
// this is right also where gosteady is installed.
func RealGo(tb testing.TB) string {
	tb.Helper()
	path, err := exec.LookPath("go")
	if err != nil {
		tb.Skip("no go command in PATH")
	}
	return path
}

// pathName is how the system spells PATH.
func pathName() string {
	if runtime.GOOS == "windows" {
		return "Path"
	}
	return "PATH"
}

// kept are the variables of the machine that a process needs to run at all, spelled
// as Windows spells them where it has them.
var kept = []string{
	pathName(), "PATHEXT", "SystemRoot", "windir", "ComSpec",
	"TMPDIR", "TMP", "TEMP", "LANG", "LD_LIBRARY_PATH", "GOROOT",
}

// Env is a clean environment with a new home, module cache and state; extra
// variables come last. GOPROXY is off until a test says otherwise.
func Env(tb testing.TB, extra ...string) []string {
	tb.Helper()
	return append(Environ(tb.TempDir(), GOCACHE()), extra...)
}

// Environ is the clean environment with everything of its own below root.
func Environ(root, gocache string) []string {
	var env []string
	for _, name := range kept {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	home := filepath.Join(root, "home")
	for _, dir := range []string{home, filepath.Join(root, "local"), filepath.Join(root, "roaming")} {
		os.MkdirAll(dir, 0o777) // an error shows in every later step
	}
	// Go's telemetry would write in the background, after the test's end.
	telemetry := filepath.Join(root, "telemetry")
	os.MkdirAll(telemetry, 0o777)
	os.WriteFile(filepath.Join(telemetry, "mode"), []byte("off"), 0o666)
	return append(env,
		"HOME="+home, "USERPROFILE="+home,
		"XDG_STATE_HOME="+filepath.Join(root, "state"),
		"XDG_CONFIG_HOME="+filepath.Join(root, "config"),
		"LOCALAPPDATA="+filepath.Join(root, "local"), "APPDATA="+filepath.Join(root, "roaming"),
		"GOPATH="+filepath.Join(root, "gopath"),
		"GOMODCACHE="+filepath.Join(root, "gopath", "pkg", "mod"),
		"GOCACHE="+gocache,
		"GOENV=off", "GOTOOLCHAIN=local", "GO111MODULE=", "GOWORK=",
		"GOFLAGS=-modcacherw", // so that the test can remove the cache
		"GOPROXY=off", "GOSUMDB=off", "GONOPROXY=", "GOPRIVATE=", "GONOSUMDB=",
		"TEST_TELEMETRY_DIR="+telemetry, "CGO_ENABLED=0",
		"NO_PROXY=*", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
	)
}

// GOCACHE is the build cache of the outer go.
func GOCACHE() string {
	if dir := os.Getenv("GOCACHE"); dir != "" {
		return dir
	}
	dir, _ := os.UserCacheDir()
	return filepath.Join(dir, "go-build")
}

// Getenv is the value that counts: the last one.
func Getenv(env []string, name string) string { return environ.Get(env, name) }

// A Result is what a finished command left.
type Result struct {
	Stdout, Stderr string
	Code           int // -1: killed by a signal
}

// Run runs a command to its end. Only a command that cannot be started fails the
// test.
func Run(tb testing.TB, dir string, env []string, name string, args ...string) Result {
	tb.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	return Result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// Files writes files, named by slash-separated paths, below a new directory.
func Files(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// Slow skips a test that takes long, unless GOSTEADY_TEST_SLOW is set, as .ci/run does:
// "go test ./..." is to be done in some minutes.
func Slow(tb testing.TB, why string) {
	tb.Helper()
	if !slow() {
		tb.Skip("with GOSTEADY_TEST_SLOW=1 only: " + why)
	}
}

func slow() bool { return os.Getenv("GOSTEADY_TEST_SLOW") != "" && !testing.Short() }

// Proxy starts a failing proxy for the length of a test.
func Proxy(tb testing.TB, c faultproxy.Config) *faultproxy.Proxy {
	tb.Helper()
	p, err := faultproxy.Start(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Close() })
	return p
}
